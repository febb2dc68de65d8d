#include "sandbox/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// With the standard file system, Boost.Process 1.81 forgets to include these three.
#define BOOST_PROCESS_USE_STD_FS 1
#include <boost/asio/io_context.hpp>
#include <boost/optional.hpp>
#include <boost/type_traits.hpp>

#include <boost/process/v2/posix/default_launcher.hpp>
#include <boost/process/v2/process.hpp>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "core/error.h"

namespace reckon::sandbox {
namespace {

namespace process = boost::process::v2;
using boost::system::error_code;
using Arguments = const char* const*;

constexpr std::string_view kUsualPath = "/usr/local/bin:/usr/bin:/bin";

// What the child does between fork and exec: system calls only, nothing is allocated.
class ChildSetup {
 public:
  ChildSetup(const ChildOptions& options, const char* const* environment)
      : options_(options), environment_(environment), parent_(::getpid()) {}

  template <class Launcher>
  error_code on_setup(Launcher& launcher, const std::filesystem::path&, Arguments&) {
    launcher.env = environment_;
    auto& kept = launcher.fd_whitelist;
    kept.insert(kept.end(), options_.inherited.begin(), options_.inherited.end());
    return {};
  }

  template <class Launcher>
  error_code on_exec_setup(Launcher&, const std::filesystem::path&, Arguments&) {
    const bool ready = join_groups() && descriptors() && identity() && limits();
    if (ready) return {};
    return {errno, boost::system::system_category()};
  }

  // The launcher would run the parent's exit handlers here. It looks for a member with one more
  // argument than it then passes, so there are two.
  template <class Launcher>
  void on_exec_error(Launcher&, const error_code&, const std::filesystem::path&, Arguments&,
                     const error_code&) {
    ::_exit(127);
  }
  template <class Launcher>
  void on_exec_error(Launcher&, const std::filesystem::path&, Arguments&, const error_code&) {
    ::_exit(127);
  }

 private:
  bool join_groups() const {
    for (const int fd : options_.group_files) {
      if (::write(fd, "0", 1) != 1) return false;
    }
    return true;
  }

  bool descriptors() const {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) return false;
    bool done = ::dup2(options_.input >= 0 ? options_.input : null, 0) >= 0 &&
                ::dup2(options_.output >= 0 ? options_.output : null, 1) >= 0;
    if (options_.error >= 0) done = done && ::dup2(options_.error, 2) >= 0;
    for (const int fd : options_.inherited) done = done && ::fcntl(fd, F_SETFD, 0) == 0;
    return done;
  }

  bool identity() const {
    if (options_.own_group) ::setpgid(0, 0);
    if (options_.user != 0) {
      // Bare calls: the C library's would look for other threads.
      const auto id = options_.user;
      if (::syscall(SYS_setgroups, 0, nullptr) != 0 || ::syscall(SYS_setresgid, id, id, id) != 0 ||
          ::syscall(SYS_setresuid, id, id, id) != 0) {
        return false;
      }
    }
    if (!options_.folder.empty() && ::chdir(options_.folder.c_str()) != 0) return false;
    // After the change of user, which resets it.
    if (!options_.die_with_parent) return true;
    return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == parent_;
  }

  bool limits() const {
    // A caller may have blocked or ignored signals; neither is for the child.
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::signal(SIGXFSZ, SIG_DFL);
    if (options_.address_space_bytes <= 0) return true;
    const auto bytes = static_cast<rlim_t>(options_.address_space_bytes);
    const rlimit limit{bytes, bytes};
    return ::setrlimit(RLIMIT_AS, &limit) == 0;
  }

  const ChildOptions& options_;
  const char* const* environment_;
  pid_t parent_;
};

std::filesystem::path find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  std::string_view folders = kUsualPath;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (text.starts_with("PATH=")) folders = text.substr(5);
  }
  while (!folders.empty()) {
    const size_t end = std::min(folders.find(':'), folders.size());
    const std::filesystem::path path = std::filesystem::path(folders.substr(0, end)) / name;
    if (end > 0 && ::access(path.c_str(), X_OK) == 0) return path;
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  return {};
}

// One start at a time in the whole process: the launcher's pipe is not born close-on-exec, so a
// second fork in between could keep it open.
std::mutex& start_mutex() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

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
  std::vector<const char*> environment;
  for (const auto& text : options.environment) environment.push_back(text.c_str());
  environment.push_back(nullptr);
  const auto program = find_program(options.argv.at(0));
  check(!program.empty(), ErrorCode::not_found,
        "expected a program that can be started, got {}: not found in PATH", options.argv[0]);
  const std::vector<std::string> words(options.argv.begin() + 1, options.argv.end());
  ChildSetup setup(options, options.keep_environment ? environ : environment.data());
  boost::asio::io_context context;
  process::posix::default_launcher launcher;
  error_code error;
  const std::lock_guard lock(start_mutex());
  auto child = launcher(context.get_executor(), error, program, words, setup);
  if (error) {
    // The launcher does not reap a child that could not become the program.
    if (launcher.pid > 0) ::waitpid(launcher.pid, nullptr, 0);
    fail(error.value() == ENOENT ? ErrorCode::not_found : ErrorCode::io,
         "expected a program that can be started, got {}: {}", options.argv[0],
         std::strerror(error.value()));
  }
  pid_ = launcher.pid;
  // The child is killed and reaped here, not by Boost's destructor, which waits without a bound.
  child.detach();
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
