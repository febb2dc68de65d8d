#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "sandbox/child_process.h"

namespace reckon::tests {

/// `reckon sandbox` at work on one program. Its input and outputs are files in memory, so that it
/// never waits for this process. One thread; killed when destroyed.
class Command {
 public:
  /// `program` is the command itself, `file` the source of the program to run.
  Command(const std::filesystem::path& program, const std::vector<std::string>& options,
          const std::filesystem::path& file, const std::string& input);

  pid_t pid() const { return child_.pid(); }
  /// Waits for its end. False, and it is killed, if `limit` passes before.
  bool wait(std::chrono::milliseconds limit);
  int status() const { return status_; }  ///< as of waitpid, after `wait`
  std::string out() const;                ///< what it printed, after `wait`
  std::string err() const;

 private:
  sandbox::UniqueFd in_, out_, err_;
  sandbox::ChildProcess child_;
  int status_ = -1;
};

}  // namespace reckon::tests
