#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace reckon::sandbox {

/// A descriptor that closes itself.
class UniqueFd {
 public:
  explicit UniqueFd(int fd = -1) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  ~UniqueFd();
  int get() const { return fd_; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset(int fd = -1);
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// A program of the host to start, without a shell.
struct ChildOptions {
  std::vector<std::string> argv;         ///< argv[0] is a path, or a name looked up in PATH
  std::vector<std::string> environment;  ///< "NAME=value"; the caller's own if `keep_environment`
  bool keep_environment = false;
  int input = -1;                   ///< becomes descriptor 0; -1: /dev/null
  int output = -1;                  ///< becomes descriptor 1; -1: /dev/null
  int error = -1;                   ///< becomes descriptor 2; -1: the caller's
  std::vector<int> inherited;       ///< further descriptors, kept under their numbers
  int64_t address_space_bytes = 0;  ///< RLIMIT_AS of the child; 0: as the caller's
  bool own_group = true;            ///< a process group of its own, so that it can be killed whole
  bool die_with_parent = true;      ///< killed when the thread that started it ends
  std::string folder;               ///< to start in; empty: the caller's
  uint32_t user = 0;                ///< user and group to become; 0: the caller's
  std::vector<int> group_files;     ///< open cgroup.procs files of the groups to join first
};

/// A running child, started with Boost.Process. Move only. The destructor kills what still runs
/// (the whole group) and reaps it. One thread at a time.
class ChildProcess {
 public:
  ChildProcess() = default;
  /// Throws Error(not_found) if the program is missing, Error(io) with the system's reason else.
  explicit ChildProcess(const ChildOptions& options);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  /// Readable when the child has ended (a pidfd).
  int pidfd() const { return pidfd_.get(); }
  bool running() const { return pid_ > 0; }
  /// SIGKILL to the child and its group. Does not wait.
  void kill();
  /// Waits for the end and reaps; returns the wait status.
  int wait();

 private:
  pid_t pid_ = -1;
  UniqueFd pidfd_;
  bool own_group_ = false;
};

}  // namespace reckon::sandbox
