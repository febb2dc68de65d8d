#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "sandbox/sandbox.h"

namespace reckon::rewards::code {

/// Wall time that all tests of a program may take together.
class Deadline {
 public:
  explicit Deadline(double seconds);
  /// `limits` with a wall limit that does not pass the deadline.
  sandbox::Limits within(sandbox::Limits limits) const;
  bool passed() const;

 private:
  double left() const;
  std::chrono::steady_clock::time_point end_;
};

/// The box of one program. It is set up by the first run, and once more if a run could not be
/// started; `fresh_box` sets up a new one for every run. One thread at a time. The sandbox must
/// outlive it.
class ProgramBox {
 public:
  ProgramBox(sandbox::Sandbox& sandbox, sandbox::BoxOptions options, bool fresh_box = false);

  /// Runs one process. `not_started` only if that failed twice.
  sandbox::Outcome run(const sandbox::Run& run);

  /// Runs one process without a second try.
  sandbox::Outcome run_once(const sandbox::Run& run);

 private:
  sandbox::Sandbox& sandbox_;
  sandbox::BoxOptions options_;
  bool fresh_box_;
  std::unique_ptr<sandbox::Box> box_;
};

}  // namespace reckon::rewards::code
