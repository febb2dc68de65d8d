#include "sandbox/pump.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "core/error.h"

namespace reckon::sandbox {
namespace {

constexpr size_t kBlock = size_t{64} << 10;
constexpr int kBlocksAtOnce = 16;  // then the other descriptors and the clock have their turn

}  // namespace

Pipe make_pipe(bool judge_writes) {
  int ends[2];
  check(::pipe2(ends, O_CLOEXEC) == 0, ErrorCode::io, "expected a pipe, got: {}",
        std::strerror(errno));
  Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  const int own = judge_writes ? pipe.writing.get() : pipe.reading.get();
  check(::fcntl(own, F_SETFL, O_NONBLOCK) == 0, ErrorCode::io, "expected a pipe, got: {}",
        std::strerror(errno));
  return pipe;
}

void Collector::read_some() {
  std::array<char, kBlock> block;
  for (int i = 0; i < kBlocksAtOnce && fd_; ++i) {
    const ssize_t got = ::read(fd_.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      fd_.reset();
      return;
    }
    const int64_t room = std::max(int64_t{0}, kept_ - seen_);
    text_.append(block.data(), static_cast<size_t>(std::min<int64_t>(room, got)));
    seen_ += got;
    if (over()) return;  // the caller decides whether to go on
  }
}

Feeder::Feeder(UniqueFd fd, std::string_view text, int source)
    : fd_(std::move(fd)), rest_(source < 0 ? text : std::string_view()), source_(source) {
  if (source_ >= 0) {
    block_.resize(kBlock);
  } else if (rest_.empty()) {
    fd_.reset();
  }
}

void Feeder::write_some() {
  while (fd_ && !rest_.empty()) {
    const ssize_t put = ::write(fd_.get(), rest_.data(), std::min(rest_.size(), kBlock));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EAGAIN) return;
    if (put > 0) rest_.remove_prefix(static_cast<size_t>(put));
    if (put < 0 || (rest_.empty() && source_ < 0)) fd_.reset();
  }
}

void Feeder::read_source() {
  const ssize_t got = ::read(source_, block_.data(), block_.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) {
    fd_.reset();
    return;
  }
  rest_ = {block_.data(), static_cast<size_t>(got)};
  write_some();
}

BlockedSigpipe::BlockedSigpipe() {
  sigset_t pipe, before;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, &before);
  was_blocked_ = sigismember(&before, SIGPIPE) == 1;
}

BlockedSigpipe::~BlockedSigpipe() {
  if (was_blocked_) return;
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  const timespec now = {0, 0};
  while (::sigtimedwait(&pipe, nullptr, &now) > 0) {
  }
  ::pthread_sigmask(SIG_UNBLOCK, &pipe, nullptr);
}

}  // namespace reckon::sandbox
