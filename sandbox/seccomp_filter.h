#pragma once

#include <string>

namespace reckon::sandbox {

/// What a program may ask of the kernel. Docs: docs/sandbox.md.
struct FilterPolicy {
  /// Files in memory that no limit on a process counts; only where a group's memory is counted.
  bool memory_files = false;
};

/// The filter as bytes for the kernel (an array of sock_filter). Throws Error(unsupported) where
/// libseccomp refuses.
std::string build_filter(const FilterPolicy& policy);

}  // namespace reckon::sandbox
