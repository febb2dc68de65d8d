#pragma once

#include <cstdint>

namespace reckon::sandbox {

/// Messages between a judge and reckon-init, the first process of a box. One datagram each on a
/// SOCK_SEQPACKET socket, at most `kMostMessageBytes` long. Plain bytes: both ends are built
/// together, and init's side keeps no code of the library.
inline constexpr int kMostMessageBytes = 4096;
inline constexpr uint32_t kInitMagic = 0x31494e52;  // "RNI1"

enum class InitMessage : uint32_t { ready = 1, run, done, clean };

/// Limits that the kernel enforces on each process, in this order in `RunHeader::limits`.
enum InitLimit : uint32_t {
  limit_cpu_seconds,
  limit_address_space,
  limit_file_bytes,
  limit_open_files,
  limit_processes,
  limit_stack_bytes,
  limit_count,
};

/// Start of a `run` message. `argument_bytes` bytes follow: NUL-terminated words. With it come the
/// descriptors 0, 1, 2, then 3 if `has_result`, then 4 if `has_channel`.
struct RunHeader {
  uint32_t magic = kInitMagic;
  InitMessage kind = InitMessage::run;
  uint64_t run = 0;  ///< number of this run, repeated in `done`
  uint64_t limits[limit_count] = {};
  uint32_t argument_bytes = 0;
  uint8_t has_result = 0;
  uint8_t has_channel = 0;
  uint8_t padding[2] = {};
  char collect[256] = {};  ///< name of a file in /box that is wanted; empty: none
};

/// Every message of init. `ready` and `clean` use the first two fields only.
struct InitReport {
  uint32_t magic = kInitMagic;
  InitMessage kind = InitMessage::ready;
  uint64_t run = 0;
  int32_t wait_status = 0;  ///< of the main process
  int32_t exec_error = 0;   ///< errno, if the program could not be started
  int64_t cpu_us = 0;       ///< of all processes that init saw end
  int64_t peak_kib = 0;     ///< largest resident set of one process
  uint8_t collected = 0;    ///< whether a descriptor comes with this message
  uint8_t padding[7] = {};
};

}  // namespace reckon::sandbox
