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

  /// Sets up the box for the next run; false, and a reason in `why`, if it cannot be set up. A box
  /// does not outlive the thread that sets it up.
  bool open(std::string& why);

  /// Runs one process in the box that `open` set up. Any thread may do this.
  sandbox::Outcome run_opened(const sandbox::Run& run);

 private:
  sandbox::Sandbox& sandbox_;
  sandbox::BoxOptions options_;
  bool fresh_box_;
  std::unique_ptr<sandbox::Box> box_;
};

}  // namespace reckon::rewards::code
