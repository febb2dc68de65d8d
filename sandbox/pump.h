#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sandbox/child_process.h"

namespace reckon::sandbox {

/// Both ends of a pipe, close-on-exec; the judge's end does not block.
struct Pipe {
  UniqueFd reading;
  UniqueFd writing;
};
/// Throws Error(io) when the process is out of descriptors.
Pipe make_pipe(bool judge_writes);

/// Reads one output of a program: keeps the first bytes, counts and drops the rest.
class Collector {
 public:
  Collector() = default;
  Collector(UniqueFd fd, int64_t kept_bytes) : fd_(std::move(fd)), kept_(kept_bytes) {}

  int fd() const { return fd_.get(); }
  bool open() const { return bool(fd_); }
  /// Reads what is there; closes at the end of the file.
  void read_some();
  int64_t seen() const { return seen_; }
  bool over() const { return seen_ > kept_; }
  std::string take() { return std::move(text_); }

 private:
  UniqueFd fd_;
  int64_t kept_ = 0;
  int64_t seen_ = 0;
  std::string text_;
};

/// Feeds a program's standard input as the program takes it. The caller's thread must have SIGPIPE
/// blocked (see `BlockedSigpipe`).
class Feeder {
 public:
  Feeder() = default;
  /// Feeds `text`, or what is read from `source` if that is not negative. Neither is owned.
  Feeder(UniqueFd fd, std::string_view text, int source);

  /// The pipe, while there is something to write; else -1.
  int fd() const { return rest_.empty() ? -1 : fd_.get(); }
  /// The source, while its next bytes are wanted; else -1.
  int source() const { return fd_ && rest_.empty() ? source_ : -1; }
  /// Writes what fits; closes when all is written or nobody reads.
  void write_some();
  /// Reads the next bytes of the source, which must not block.
  void read_source();

 private:
  UniqueFd fd_;
  std::string_view rest_;
  int source_ = -1;
  std::vector<char> block_;  // read from the source; `rest_` points into it
};

/// While it lives, writing to a pipe that nobody reads is an error, not a signal, in this thread.
class BlockedSigpipe {
 public:
  BlockedSigpipe();
  BlockedSigpipe(const BlockedSigpipe&) = delete;
  BlockedSigpipe& operator=(const BlockedSigpipe&) = delete;
  ~BlockedSigpipe();

 private:
  bool was_blocked_ = false;
};

}  // namespace reckon::sandbox
