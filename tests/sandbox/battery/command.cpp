#include "tests/sandbox/battery/command.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

namespace reckon::tests {
namespace {

sandbox::UniqueFd memory_file(const std::string& bytes) {
  sandbox::UniqueFd fd(::memfd_create("battery", MFD_CLOEXEC));
  check(static_cast<bool>(fd), ErrorCode::io, "expected a file in memory, got none");
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t written = ::write(fd.get(), bytes.data() + done, bytes.size() - done);
    check(written > 0, ErrorCode::io, "expected to write to memory, got an error");
    done += static_cast<size_t>(written);
  }
  ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

std::string contents(int fd) {
  struct stat status = {};
  ::fstat(fd, &status);
  std::string text(static_cast<size_t>(status.st_size), '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return text;
}

sandbox::ChildOptions child_options(const std::filesystem::path& program,
                                    const std::vector<std::string>& options,
                                    const std::filesystem::path& file) {
  sandbox::ChildOptions child;
  child.argv = {program.string(), "sandbox"};
  child.argv.insert(child.argv.end(), options.begin(), options.end());
  child.argv.push_back(file.string());
  child.keep_environment = true;
  return child;
}

}  // namespace

Command::Command(const std::filesystem::path& program, const std::vector<std::string>& options,
                 const std::filesystem::path& file, const std::string& input)
    : in_(memory_file(input)), out_(memory_file("")), err_(memory_file("")) {
  sandbox::ChildOptions child = child_options(program, options, file);
  child.input = in_.get();
  child.output = out_.get();
  child.error = err_.get();
  child_ = sandbox::ChildProcess(child);
}

bool Command::wait(std::chrono::milliseconds limit) {
  pollfd ended = {child_.pidfd(), POLLIN, 0};
  const bool in_time = ::poll(&ended, 1, static_cast<int>(limit.count())) == 1;
  if (!in_time) child_.kill();
  status_ = child_.wait();
  return in_time;
}

std::string Command::out() const { return contents(out_.get()); }
std::string Command::err() const { return contents(err_.get()); }

}  // namespace reckon::tests
