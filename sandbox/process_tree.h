#pragma once

#include <sys/types.h>

#include <memory>

#include "sandbox/group.h"

namespace reckon::sandbox {

/// Counts what the processes below an init use, from outside: where there is no control group, by
/// walking the tree in /proc. Peaks are those of the moments when `usage` is called.
class ProcessTree {
 public:
  explicit ProcessTree(pid_t init = 0) : init_(init) {}
  /// Begins a new count.
  void start_count();
  /// CPU time and memory of all processes since then.
  GroupUsage usage();

 private:
  pid_t init_;
  double cpu_before_ = 0.0;
  int64_t peak_memory_ = 0;
  int64_t peak_processes_ = 0;
};

}  // namespace reckon::sandbox
