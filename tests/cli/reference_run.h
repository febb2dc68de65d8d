#pragma once

#include <filesystem>

#include "core/files.h"
#include "tests/cli/run_bytes.h"

namespace reckon::tests {

/// A run of `small_recipe` that nothing disturbed, made once for all tests of the binary.
class ReferenceRun {
 public:
  ReferenceRun();

  std::filesystem::path recipe() const { return folder_.path() / "recipe-under-test.json"; }
  std::filesystem::path run() const { return folder_.path() / "run"; }
  const RunBytes& bytes() const { return bytes_; }
  /// What `written_bytes` ends with.
  uint64_t written() const { return written_; }

 private:
  TempFolder folder_;
  RunBytes bytes_;
  uint64_t written_ = 0;
};

/// The reference, made at the first call. Main thread only.
const ReferenceRun& reference_run();

}  // namespace reckon::tests
