#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "rl/sample_config.h"
#include "rl/sampling_round.h"

namespace reckon::rl {

/// Throws `invalid_argument` that names the key for rules that cannot be followed: a reward that
/// the scorer does not have, a range without values, a wanted number that cannot be reached.
/// `where` says where the stage stands: "FILE /stages/3".
void check_keep_rules(const SampleConfig& config, const Scorer& scorer, const std::string& where);

/// Throws `invalid_argument` that names `where` unless some of the first training problems has each
/// column that the stage counts by.
void check_sample_columns(const SampleConfig& config, const tasks::ProblemSource& task,
                          const std::string& where);

/// How often row `row` (from 0) of a class of `size` rows is written so that there are `largest` of
/// it: each equally often, the first ones once more for what is left over.
int64_t copies_of(int64_t row, int64_t size, int64_t largest);

/// Says which completions a `sample` stage keeps. Remembers what was kept, so groups must come in
/// the order of their problems. Not thread-safe.
class KeepRules {
 public:
  /// Rules that `check_keep_rules` accepts. `scorer` must outlive this.
  KeepRules(const SampleConfig& config, const Scorer& scorer);

  /// For each completion why it is dropped, or an empty text if it is kept: the first of
  /// `unjudged` (the reward that says what is right has no value), `incorrect`, `cut_off`,
  /// `too_short`, `too_long`, `rewards/NAME` (outside of a rule's range), `rewards/NAME/none`,
  /// `duplicate`, `over_max_per_prompt`, `over_max_per_class` (more than `room` of this group).
  std::vector<std::string> decide(const ScoredGroup& group,
                                  std::optional<int64_t> room = std::nullopt);

  /// Takes note of a completion that an earlier run of the stage kept.
  void remember(std::span<const int32_t> prompt_ids, std::span<const int32_t> completion_ids);

 private:
  std::string broken_rule(const ScoredCompletion& sample) const;
  void drop_beyond_limit(const ScoredGroup& group, std::vector<std::string>& reasons) const;

  const SampleConfig config_;
  const Scorer& scorer_;
  std::vector<size_t> rule_rewards_;  // position of each rule's reward in the scorer
  std::unordered_set<uint64_t> kept_;
};

}  // namespace reckon::rl
