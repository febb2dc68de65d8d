#pragma once

#include <filesystem>
#include <string>

#include "sandbox/child_process.h"

namespace reckon::cli {

/// `reckon` beside the program that runs.
std::filesystem::path front_program();

/// The live page of one run folder as a program of its own, so that it costs the run nothing.
/// Whatever goes wrong with it is said on standard error and is no failure of the run. It ends with
/// the object, or with the thread that made it. Not thread-safe.
class WatchChild {
 public:
  /// Starts `program watch FOLDER --port 0 --open` and waits a few seconds at most for its address,
  /// which is logged.
  explicit WatchChild(const std::filesystem::path& folder,
                      const std::filesystem::path& program = front_program());
  WatchChild(const WatchChild&) = delete;
  WatchChild& operator=(const WatchChild&) = delete;
  /// Asks it to end, and kills it if it does not.
  ~WatchChild();

  /// What it serves; empty if it did not start.
  const std::string& address() const { return address_; }
  /// -1 if it did not start.
  pid_t pid() const { return child_.pid(); }

 private:
  bool wait_for_end(int milliseconds) const;
  std::string read_line() const;

  sandbox::ChildProcess child_;
  sandbox::UniqueFd output_;
  std::string address_;
};

}  // namespace reckon::cli
