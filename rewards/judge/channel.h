#pragma once

#include <poll.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sandbox/child_process.h"

namespace reckon::rewards {

using Clock = std::chrono::steady_clock;

/// A pair of connected stream sockets, both close-on-exec. Throws Error(io).
std::pair<sandbox::UniqueFd, sandbox::UniqueFd> socket_pair();

/// A pipe, {reading, writing}, both close-on-exec. Throws Error(io).
std::pair<sandbox::UniqueFd, sandbox::UniqueFd> make_pipe();

/// A descriptor that is read and written without waiting; what cannot be written yet is kept. Works
/// on sockets and pipes. Not thread-safe.
class Channel {
 public:
  Channel() = default;
  explicit Channel(sandbox::UniqueFd fd);

  int fd() const { return fd_.get(); }
  bool is_open() const { return static_cast<bool>(fd_); }
  void close();

  /// Bytes to be written by `flush`.
  std::string& pending() { return out_; }
  bool has_pending() const { return begin_ < out_.size(); }

  /// Writes what can be written. False if the other side is gone.
  bool flush();

  /// Appends what can be read to `into`, at most about 1 MiB. False at the end of the stream.
  bool receive(std::string& into);

 private:
  sandbox::UniqueFd fd_;
  std::string out_;
  size_t begin_ = 0;  // what lies before was written
};

/// Descriptors to wait for, with what to do. Filled anew for each wait.
class PollSet {
 public:
  /// `handle` is called if any of `events`, an error or a hang-up is there.
  void watch(int fd, short events, std::function<void()> handle);

  /// Wakes `wait` at `when` at the latest.
  void wake_at(Clock::time_point when);

  /// Waits for the first event or the earliest wake-up, then calls the handlers of all that is
  /// ready, in the order of `watch`.
  void wait();

 private:
  std::vector<pollfd> polls_;
  std::vector<std::function<void()>> handlers_;
  Clock::time_point wake_ = Clock::time_point::max();
};

}  // namespace reckon::rewards
