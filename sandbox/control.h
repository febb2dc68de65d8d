#pragma once

#include <optional>
#include <span>
#include <string>

#include "sandbox/child_process.h"
#include "sandbox/init_protocol.h"
#include "sandbox/sandbox.h"

namespace reckon::sandbox {

/// One message of init, with the file that came with it.
struct ReceivedReport {
  InitReport report;
  UniqueFd file;
};

/// The judge's end of the control socket. One thread at a time.
class Control {
 public:
  Control() = default;
  explicit Control(UniqueFd socket) : socket_(std::move(socket)) {}

  int fd() const { return socket_.get(); }
  void close() { socket_.reset(); }
  /// Sends a run with its descriptors. False if init is gone. Throws Error(invalid_argument) if
  /// the arguments are too long.
  bool send(const Run& run, uint64_t number, int64_t extra_processes,
            std::span<const int> descriptors);
  /// The next message; waits at most so long. Nothing if none came, or if init is gone.
  std::optional<ReceivedReport> receive(int milliseconds);

 private:
  UniqueFd socket_;
};

}  // namespace reckon::sandbox
