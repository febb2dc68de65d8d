#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sandbox/child_process.h"

namespace reckon::tests {

/// What a hostile program must not reach, and the look afterwards whether it did: a canary file,
/// listeners on the loopback of the host, processes, control groups, mounts, descriptors and files.
/// Makes the calling process the reaper of all its descendants, so that whatever a sandbox leaves
/// behind becomes a child of this process. One thread; nothing else may start children meanwhile.
class HostWatch {
 public:
  /// Puts its files into `folder`, which is empty and belongs to the caller.
  explicit HostWatch(const std::filesystem::path& folder);

  /// For the source of an attack: @CANARY@, @TCP@, @UDP@, @ABSTRACT@, @UNIX@, @PID@, @ROOT@.
  const std::map<std::string, std::string>& values() const { return values_; }
  /// The secret in the canary file. No output may hold it.
  const std::string& secret() const { return secret_; }

  /// One line for each trace that the run of `commands` (process ids of `reckon sandbox`) left.
  /// What still runs is killed, so that it does not disturb the next case.
  std::vector<std::string> traces(const std::vector<pid_t>& commands);

 private:
  void listen_all();
  void find_processes(std::vector<std::string>& found) const;
  void find_groups(const std::vector<pid_t>& commands, std::vector<std::string>& found) const;
  void find_files(std::vector<std::string>& found) const;
  void find_visitors(std::vector<std::string>& found) const;

  std::filesystem::path folder_;
  std::string secret_;
  std::map<std::string, std::string> values_;
  std::vector<sandbox::UniqueFd> listeners_;
  std::vector<std::string> names_;  ///< of the listeners
  size_t mounts_ = 0;
  size_t shared_objects_ = 0;
  size_t descriptors_ = 0;
};

/// Number of open descriptors of this process.
size_t open_descriptors();

/// Number of children of process `parent`, alive or dead and not reaped.
std::vector<pid_t> children_of(pid_t parent);

}  // namespace reckon::tests
