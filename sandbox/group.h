#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/child_process.h"

namespace reckon::sandbox {

/// What a group of processes has used since `start_count`.
struct GroupUsage {
  double cpu_s = 0.0;
  int64_t peak_memory_bytes = 0;
  int64_t peak_processes = 0;  ///< without the sandbox's own
  int64_t oom_kills = 0;       ///< processes that the kernel killed for want of memory
  int64_t refused_forks = 0;
};

/// The control group of one slot, used by one box after another. Made once, because making a
/// process a member of a group can take the kernel longer than the whole launch of a box. One
/// thread at a time.
class Group {
 public:
  virtual ~Group() = default;
  /// Makes the calling thread a member, so that what it starts is born inside (cgroup v1).
  virtual void enter() {}
  /// Open files into which a child writes "0" to become a member (cgroup v2).
  virtual std::vector<int> join_files() const { return {}; }
  /// Limits of the group; `processes` counts the program's own.
  virtual void limit(int64_t memory_bytes, int64_t processes) = 0;
  /// Begins a new count.
  virtual void start_count() = 0;
  virtual GroupUsage usage() = 0;
  /// Kills all members, where the kernel offers it.
  virtual void kill() {}
  /// Waits at most `milliseconds` until no program is a member.
  virtual bool wait_empty(int milliseconds) = 0;
};

/// Makes groups of one kind. Thread-safe.
class Groups {
 public:
  virtual ~Groups() = default;
  virtual std::string_view backend() const = 0;  ///< "cgroup2" or "cgroup1"
  virtual std::unique_ptr<Group> make(int slot) = 0;
};

/// Folders of the caller's own groups, by controller: "memory", "pids", "cpu", "cpuacct".
struct Cgroup1Folders {
  std::filesystem::path memory, pids, cpu, cpuacct;
};

/// The groups of this machine: version 2 where memory, pids and cpu are delegated to the caller,
/// else version 1 where these hierarchies are writable, else null and the reason in `why`.
/// Removes groups that earlier, now dead processes left behind.
std::unique_ptr<Groups> find_groups(std::string& why);

/// Groups below given folders; null and a reason if they cannot be used. `find_groups` finds the
/// folders; tests give their own.
std::unique_ptr<Groups> make_cgroup1(const Cgroup1Folders& folders, std::string& why);
std::unique_ptr<Groups> make_cgroup2(const std::filesystem::path& folder, std::string& why);

}  // namespace reckon::sandbox
