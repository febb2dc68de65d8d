#pragma once

#include <set>
#include <string>
#include <vector>

#include "watch/run_folder.h"

namespace reckon::watch {

/// What one stage measured of several policies. Points into the `RunFolder`.
struct Exam {
  std::string stage;  ///< empty for the last evaluations of training stages
  std::vector<const Evaluation*> lines;

  /// The evaluation of a policy, or null.
  const Evaluation* find(const std::string& policy) const;
  /// Names of all numbers that some evaluation has.
  std::set<std::string> keys() const;
};

/// The evaluations that can be compared: those of the stages of kind `eval`, the one with most
/// policies first, the others in the recipe's order. A run without such a stage has one exam: the
/// last evaluation that each stage made on held-out data.
std::vector<Exam> exams(const RunFolder& run);

/// Policies of all exams, in the order of the first exam that has them.
std::vector<std::string> policies(const std::vector<Exam>& exams);

}  // namespace reckon::watch
