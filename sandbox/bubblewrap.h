#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sandbox/child_process.h"
#include "sandbox/sandbox.h"

namespace reckon::sandbox {

/// What bubblewrap is told about one box.
struct BubblewrapPlan {
  std::vector<File> files;          ///< read-only, in the box
  std::filesystem::path init_path;  ///< the program reckon-init; empty: `init_bytes` are it
  std::string init_bytes;
  std::string filter;               ///< of system calls; empty: none
  bool further_namespaces = false;  ///< leave it possible to make user namespaces in the box
  int64_t disk_bytes = 0;           ///< size of /box
  int status = -1;                  ///< descriptor for bubblewrap's own messages
  int control = -1;                 ///< descriptor that reckon-init gets
};

/// The command line, and the descriptors that it names.
struct BubblewrapCommand {
  std::vector<std::string> argv;
  std::vector<int> inherited;
  std::vector<UniqueFd> kept;  ///< to be held until bubblewrap has started
};
BubblewrapCommand bubblewrap_command(const BubblewrapPlan& plan);

/// A read-only file in memory with these bytes, at its beginning.
UniqueFd memory_file(const std::string& bytes);

}  // namespace reckon::sandbox
