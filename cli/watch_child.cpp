#include "cli/watch_child.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/error.h"
#include "core/log.h"
#include "core/progress.h"

namespace reckon::cli {
namespace {

constexpr double kStartSeconds = 5.0;
constexpr int kEndMilliseconds = 2000;

}  // namespace

std::filesystem::path front_program() {
  std::error_code failure;
  return std::filesystem::read_symlink("/proc/self/exe", failure).parent_path() / "reckon";
}

WatchChild::WatchChild(const std::filesystem::path& folder, const std::filesystem::path& program) {
  // A name that begins with a dash would be taken for an option.
  const std::string place = std::filesystem::absolute(folder).string();
  try {
    int ends[2];
    check(::pipe2(ends, O_CLOEXEC) == 0, ErrorCode::io, "expected a pipe, got \"{}\"",
          std::strerror(errno));
    output_.reset(ends[0]);
    const sandbox::UniqueFd input(ends[1]);
    sandbox::ChildOptions options;
    options.argv = {program.string(), "watch", place, "--port", "0", "--open"};
    options.keep_environment = true;
    options.output = input.get();
    child_ = sandbox::ChildProcess(options);
  } catch (const Error& error) {
    log_warning("no live page: {}; `reckon watch {}` shows the run", error.what(), place);
    return;
  }
  address_ = read_line();
  if (address_.empty()) {
    log_warning("no live page: {} did not start; `reckon watch {}` shows the run", program.string(),
                place);
  } else {
    log_info("live page: {}", address_);
  }
}

WatchChild::~WatchChild() {
  if (!child_.running()) return;
  ::kill(child_.pid(), SIGTERM);
  if (!wait_for_end(kEndMilliseconds)) child_.kill();
  child_.wait();
}

bool WatchChild::wait_for_end(int milliseconds) const {
  pollfd end{child_.pidfd(), POLLIN, 0};
  return ::poll(&end, 1, milliseconds) > 0;
}

// The first line that it prints; empty if it ends or time is over before.
std::string WatchChild::read_line() const {
  const double until = steady_seconds() + kStartSeconds;
  std::string line;
  while (true) {
    pollfd input{output_.get(), POLLIN, 0};
    const double left = std::max(0.0, until - steady_seconds());
    if (::poll(&input, 1, static_cast<int>(left * 1000.0)) <= 0) return {};
    char letter = 0;
    if (::read(output_.get(), &letter, 1) != 1) return {};
    if (letter == '\n') return line;
    line += letter;
  }
}

}  // namespace reckon::cli
