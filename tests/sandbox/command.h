#pragma once

#include <string>
#include <vector>

#include "sandbox/child_process.h"

namespace reckon::tests {

/// How a command ended and what it said.
struct CommandResult {
  int status = -1;  ///< exit status; -1 if a signal ended it
  std::string out;
  std::string err;
};

/// A source file of a program, removed with the object.
class SourceFile {
 public:
  SourceFile(const std::string& suffix, const std::string& text);
  SourceFile(const SourceFile&) = delete;
  SourceFile& operator=(const SourceFile&) = delete;
  ~SourceFile();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// `reckon sandbox` with these words, as user `user` (0: the caller), input from a text.
CommandResult run_command(const std::vector<std::string>& words, const std::string& input = {},
                          uint32_t user = 0, const std::vector<std::string>& environment = {});
/// The same, still running; `input` is a descriptor. Its output is thrown away.
sandbox::ChildProcess start_command(const std::vector<std::string>& words, int input = -1);

}  // namespace reckon::tests
