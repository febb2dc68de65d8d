#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace reckon::tests {

/// How a process ended.
struct Outcome {
  int status = -1;  ///< exit status, or -1 if a signal ended it
  int signal = 0;   ///< that ended it, or 0
  std::string out;  ///< standard output
  std::string err;  ///< standard error
};

/// How a process is started.
struct Launch {
  std::vector<std::string> arguments;  ///< without the program's name
  std::filesystem::path program;       ///< another than the one under test
  std::filesystem::path folder;        ///< to work in; the caller's if empty
  uint64_t max_file_bytes = 0;         ///< no file can grow beyond; 0 is no limit
  std::chrono::seconds time_limit{120};
};

/// The program under test, running. Its output goes to temporary files, so that it never waits for
/// a reader. Throws Error(io) where the system refuses; not thread-safe.
class Process {
 public:
  explicit Process(const Launch& launch);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  /// Kills it if it still runs.
  ~Process();

  /// Sends a signal.
  void send(int signal);

  /// Waits until `moment()` holds, asking about a thousand times a second. False if the process
  /// ended before; the status is then ready for `wait`.
  bool runs_until(const std::function<bool()>& moment);

  /// Waits for its end. Beyond the time limit it is killed, which shows as signal SIGKILL and a
  /// last line of `err`.
  Outcome wait();

 private:
  bool has_ended();

  pid_t pid_ = -1;
  int status_ = 0;
  bool ended_ = false;
  bool too_slow_ = false;
  int out_ = -1;
  int err_ = -1;
  std::chrono::steady_clock::time_point deadline_;
};

/// Runs the program to its end.
Outcome run_program(const Launch& launch);
/// The same with nothing but arguments.
Outcome run_program(const std::vector<std::string>& arguments);

/// Number of lines in `text` that begin with "reckon: error: ".
int error_lines(const std::string& text);

}  // namespace reckon::tests
