#include "tests/cli/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>
#include <string_view>
#include <thread>

#include "core/error.h"

namespace reckon::tests {
namespace {

int memory_file(const char* name) {
  const int fd = ::memfd_create(name, MFD_CLOEXEC);
  check(fd >= 0, ErrorCode::io, "expected a file in memory, got '{}'", std::strerror(errno));
  return fd;
}

std::string contents(int fd) {
  struct stat status = {};
  ::fstat(fd, &status);
  std::string text(static_cast<size_t>(status.st_size), '\0');
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t got =
        ::pread(fd, text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (got <= 0) break;
    done += static_cast<size_t>(got);
  }
  text.resize(done);
  return text;
}

// What the child does between fork and exec: system calls only.
[[noreturn]] void become(char* const* arguments, const char* folder, uint64_t max_file_bytes,
                         int out, int err) {
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (::dup2(nothing, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0) ::_exit(126);
  if (*folder != '\0' && ::chdir(folder) != 0) ::_exit(126);
  if (max_file_bytes > 0) {
    // A core file would be cut, but stay.
    const rlimit no_core = {0, 0};
    const rlimit limit = {max_file_bytes, max_file_bytes};
    if (::setrlimit(RLIMIT_CORE, &no_core) != 0) ::_exit(126);
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(126);
  }
  ::execv(arguments[0], arguments);
  ::_exit(127);
}

}  // namespace

Process::Process(const Launch& launch)
    : out_(memory_file("out")),
      err_(memory_file("err")),
      deadline_(std::chrono::steady_clock::now() + launch.time_limit) {
  std::vector<std::string> words = {launch.program.empty() ? RECKON_PROGRAM
                                                           : launch.program.string()};
  words.insert(words.end(), launch.arguments.begin(), launch.arguments.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const std::string folder = launch.folder.string();
  pid_ = ::fork();
  check(pid_ >= 0, ErrorCode::io, "expected a new process, got '{}'", std::strerror(errno));
  if (pid_ == 0) become(arguments.data(), folder.c_str(), launch.max_file_bytes, out_, err_);
}

Process::~Process() {
  if (!ended_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
  }
  ::close(out_);
  ::close(err_);
}

void Process::send(int signal) {
  if (!ended_) ::kill(pid_, signal);
}

bool Process::has_ended() {
  if (ended_) return true;
  if (std::chrono::steady_clock::now() > deadline_) {
    too_slow_ = true;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
    return ended_ = true;
  }
  return ended_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
}

bool Process::runs_until(const std::function<bool()>& moment) {
  while (!has_ended()) {
    if (moment()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

Outcome Process::wait() {
  runs_until([] { return false; });
  Outcome outcome;
  if (WIFEXITED(status_)) outcome.status = WEXITSTATUS(status_);
  if (WIFSIGNALED(status_)) outcome.signal = WTERMSIG(status_);
  outcome.out = contents(out_);
  outcome.err = contents(err_);
  if (too_slow_) outcome.err += "\nkilled: the time limit of the test was over";
  return outcome;
}

Outcome run_program(const Launch& launch) { return Process(launch).wait(); }

Outcome run_program(const std::vector<std::string>& arguments) {
  return run_program(Launch{arguments, {}, {}});
}

int error_lines(const std::string& text) {
  int count = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    count += std::string_view(line).starts_with("reckon: error: ");
  }
  return count;
}

}  // namespace reckon::tests
