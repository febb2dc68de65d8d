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

/// Options of `{"kind": "instructed-countdown"}`.
struct InstructedCountdownConfig {
  std::string kind = "instructed-countdown";
  int64_t max_number = 12;
  int64_t min_target = 10;
  int64_t max_target = 50;
  std::string difficulty = "all";
  std::string split = "rl";

  template <class V>
  static void visit(V& v) {
    v(&InstructedCountdownConfig::kind, "kind", "kind of the task",
      required(one_of({"instructed-countdown"})));
    v(&InstructedCountdownConfig::max_number, "max_number", "numbers are 1 to this, all different",
      between(4, 12));
    v(&InstructedCountdownConfig::min_target, "min_target", "smallest target", between(1, 149));
    v(&InstructedCountdownConfig::max_target, "max_target", "largest target", between(1, 149));
    v(&InstructedCountdownConfig::difficulty, "difficulty",
      "class of the training problems; held-out ones are always of all classes",
      one_of({"all", "easy", "medium", "hard"}));
    v(&InstructedCountdownConfig::split, "split",
      "part that training problems are drawn from; both: by turns",
      one_of({"rl", "pretraining", "both"}));
  }
};

/// Countdown for users who say which language they speak and which form of answer they want:
/// `<bos> LANGUAGE FORM a b c target T`. Columns of a problem: `numbers`, `target`, `language`
/// ("en" or "ko") and `form` ("expr" or "steps"). The held-out problems are those of `countdown`.
class InstructedCountdownTask : public ProblemSource {
 public:
  /// Throws `invalid_argument` that names the key if range and difficulty leave no training problem
  /// in a part that is drawn from.
  InstructedCountdownTask(const InstructedCountdownConfig& config, const SourceContext& context);

  Problem at(uint64_t position) const override;
  uint64_t num_held_out() const override { return num_held_out_; }
  std::vector<Problem> held_out(uint64_t count) const override;
  std::string summary() const override;
  std::optional<TraceReport> trace(const Problem& problem,
                                   std::string_view completion) const override;

 private:
  bool is_training(const CountdownProblem& problem, CountdownSplit split) const;

  CountdownSpace space_;
  std::string difficulty_;
  std::vector<CountdownSplit> splits_;  // by turns
  uint64_t seed_;
  uint32_t stage_;
  uint64_t num_training_ = 0;
  uint64_t num_held_out_ = 0;
};

}  // namespace reckon::tasks
