#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "tasks/countdown.h"
#include "tasks/task.h"

namespace reckon::tasks {

/// Options of `{"kind": "countdown"}`.
struct CountdownConfig {
  std::string kind = "countdown";
  std::vector<int64_t> numbers = {3};
  int64_t max_number = 12;
  int64_t min_target = 10;
  int64_t max_target = 50;
  std::string difficulty = "all";

  template <class V>
  static void visit(V& v) {
    v(&CountdownConfig::kind, "kind", "kind of the task", required(one_of({"countdown"})));
    v(&CountdownConfig::numbers, "numbers", "how many numbers a problem may have; only 3 is known");
    v(&CountdownConfig::max_number, "max_number", "numbers are 1 to this, all different",
      between(4, 12));
    v(&CountdownConfig::min_target, "min_target", "smallest target", between(1, 149));
    v(&CountdownConfig::max_target, "max_target", "largest target", between(1, 149));
    v(&CountdownConfig::difficulty, "difficulty",
      "class of the training problems; held-out ones are always of all classes",
      one_of({"all", "easy", "medium", "hard"}));
  }
};

/// Countdown with three numbers. Training problems are drawn from the rl split, each from its own
/// random stream. Columns of a problem: `nums` (list) and `target`.
class CountdownTask : public ProblemSource {
 public:
  /// Throws `invalid_argument` that names the key if other counts of numbers than `[3]` are asked
  /// for, or range and difficulty leave no training problem.
  CountdownTask(const CountdownConfig& config, const SourceContext& context);

  Problem at(uint64_t position) const override;
  uint64_t num_held_out() const override;
  std::vector<Problem> held_out(uint64_t count) const override;
  std::string summary() const override;
  std::optional<TraceReport> trace(const Problem& problem,
                                   std::string_view completion) const override;

 private:
  bool is_training(const CountdownProblem& problem) const;

  CountdownSpace space_;
  std::string difficulty_;
  uint64_t seed_;
  uint32_t stage_;
  uint64_t num_training_ = 0;
  uint64_t num_held_out_ = 0;
};

}  // namespace reckon::tasks
