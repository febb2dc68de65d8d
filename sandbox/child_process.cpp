#include "sandbox/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace reckon::sandbox {

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  if (this != &other) reset(other.release());
  return *this;
}

UniqueFd::~UniqueFd() { reset(); }

void UniqueFd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

ChildProcess::ChildProcess(const ChildOptions& options) : own_group_(options.own_group) {
  std::vector<char*> argv, environment;
  for (const auto& text : options.argv) argv.push_back(const_cast<char*>(text.c_str()));
  for (const auto& text : options.environment) {
    environment.push_back(const_cast<char*>(text.c_str()));
  }
  argv.push_back(nullptr);
  environment.push_back(nullptr);
  int failure[2];
  check(::pipe2(failure, O_CLOEXEC) == 0, ErrorCode::io, "expected a pipe, got: {}",
        std::strerror(errno));
  UniqueFd reading(failure[0]), writing(failure[1]);
  pid_ = ::fork();
  if (pid_ == 0) {
    if (options.own_group) ::setpgid(0, 0);
    if (options.die_with_parent) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(options.input >= 0 ? options.input : null, 0);
    ::dup2(options.output >= 0 ? options.output : null, 1);
    if (options.error >= 0) ::dup2(options.error, 2);
    for (const int fd : options.inherited) ::fcntl(fd, F_SETFD, 0);
    if (options.address_space_bytes > 0) {
      const auto bytes = static_cast<rlim_t>(options.address_space_bytes);
      const rlimit limit{bytes, bytes};
      ::setrlimit(RLIMIT_AS, &limit);
    }
    ::execvpe(argv[0], argv.data(), options.keep_environment ? environ : environment.data());
    const int error = errno;
    [[maybe_unused]] const auto written = ::write(writing.get(), &error, sizeof error);
    ::_exit(127);
  }
  writing.reset();
  int error = 0;
  if (::read(reading.get(), &error, sizeof error) == sizeof error) {
    wait();
    fail(error == ENOENT ? ErrorCode::not_found : ErrorCode::io,
         "expected a program that can be started, got {}: {}", options.argv[0],
         std::strerror(error));
  }
  pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(other.pid_), pidfd_(std::move(other.pidfd_)), own_group_(other.own_group_) {
  other.pid_ = -1;
}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this == &other) return *this;
  if (running()) {
    kill();
    wait();
  }
  pid_ = other.pid_;
  pidfd_ = std::move(other.pidfd_);
  own_group_ = other.own_group_;
  other.pid_ = -1;
  return *this;
}

ChildProcess::~ChildProcess() {
  if (!running()) return;
  kill();
  wait();
}

void ChildProcess::kill() {
  if (!running()) return;
  if (own_group_) ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
}

int ChildProcess::wait() {
  int status = 0;
  while (running() && ::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return status;
}

}  // namespace reckon::sandbox
