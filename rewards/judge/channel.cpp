#include "rewards/judge/channel.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace reckon::rewards {

std::pair<sandbox::UniqueFd, sandbox::UniqueFd> socket_pair() {
  int fds[2];
  check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0, ErrorCode::io,
        "expected a pair of sockets, got: {}", std::strerror(errno));
  return {sandbox::UniqueFd(fds[0]), sandbox::UniqueFd(fds[1])};
}

std::pair<sandbox::UniqueFd, sandbox::UniqueFd> make_pipe() {
  int fds[2];
  check(::pipe2(fds, O_CLOEXEC) == 0, ErrorCode::io, "expected a pipe, got: {}",
        std::strerror(errno));
  return {sandbox::UniqueFd(fds[0]), sandbox::UniqueFd(fds[1])};
}

Channel::Channel(sandbox::UniqueFd fd) : fd_(std::move(fd)) {
  ::fcntl(fd_.get(), F_SETFL, ::fcntl(fd_.get(), F_GETFL) | O_NONBLOCK);
}

void Channel::close() {
  fd_.reset();
  out_.clear();
  begin_ = 0;
}

bool Channel::flush() {
  while (has_pending()) {
    const char* bytes = out_.data() + begin_;
    const size_t size = out_.size() - begin_;
    // A socket must not raise SIGPIPE in the trainer; a pipe has no such flag.
    ssize_t written = ::send(fd_.get(), bytes, size, MSG_NOSIGNAL);
    if (written < 0 && errno == ENOTSOCK) written = ::write(fd_.get(), bytes, size);
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN;
    }
    begin_ += static_cast<size_t>(written);
  }
  out_.clear();
  begin_ = 0;
  return true;
}

bool Channel::receive(std::string& into) {
  constexpr size_t kBlock = 64 << 10;
  for (int block = 0; block < 16; ++block) {
    const size_t before = into.size();
    into.resize(before + kBlock);
    const ssize_t count = ::read(fd_.get(), into.data() + before, kBlock);
    into.resize(before + static_cast<size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count < 0 && errno == EAGAIN;
    if (static_cast<size_t>(count) < kBlock) return true;
  }
  return true;
}

void PollSet::watch(int fd, short events, std::function<void()> handle) {
  polls_.push_back({fd, events, 0});
  handlers_.push_back(std::move(handle));
}

void PollSet::wake_at(Clock::time_point when) { wake_ = std::min(wake_, when); }

void PollSet::wait() {
  int timeout = -1;
  if (wake_ != Clock::time_point::max()) {
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(wake_ - Clock::now()).count();
    timeout = static_cast<int>(std::clamp<int64_t>(rest, 0, 60'000));
  }
  if (::poll(polls_.data(), polls_.size(), timeout) <= 0) return;
  for (size_t i = 0; i < polls_.size(); ++i) {
    if (polls_[i].revents != 0) handlers_[i]();
  }
}

}  // namespace reckon::rewards
