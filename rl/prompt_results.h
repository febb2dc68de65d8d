#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "rl/sampling_round.h"

namespace reckon::rl {

/// One judged prompt of an evaluation. `group` must outlive it.
struct PromptResult {
  const ScoredGroup* group = nullptr;
  int64_t correct = 0;  ///< completions that are right
  /// The prompt's part in numbers of the evaluation's line, by their keys: `accuracy`,
  /// `mean_length`, `clean_frac`, `rewards/NAME/mean`. One that no completion has is not there.
  std::map<std::string, double> values;
};

/// Results of the prompts that could be judged: a gold answer may be unreadable.
std::vector<PromptResult> prompt_results(const std::vector<ScoredGroup>& groups,
                                         const Scorer& scorer);

/// The values under `key`, of the prompts that have one.
std::vector<double> values_of(const std::vector<PromptResult>& results, const std::string& key);

/// Lengths of all completions, in tokens.
std::vector<double> lengths_of(const std::vector<PromptResult>& results);

/// Whether a completion is right and full in every other reward that applies to it and is no
/// length term.
bool is_clean(const ScoredCompletion& completion, const Scorer& scorer);

/// Adds `rewards/NAME/mean`, `/full_frac` and `/none_frac` of every reward, and `clean_frac` where
/// more than one reward is no length term.
void add_reward_numbers(nlohmann::json& line, const std::vector<PromptResult>& results,
                        const Scorer& scorer);

/// For each column of problems named in `group_by`, a table from its values to the numbers of the
/// problems that have that value.
nlohmann::json tables_by_column(const std::vector<PromptResult>& results,
                                const std::vector<std::string>& group_by, const Scorer& scorer);

/// Throws `invalid_argument` that names `place` unless some problem has each column of `group_by`.
void check_group_by(const std::vector<tasks::Problem>& problems,
                    const std::vector<std::string>& group_by, const std::string& place);

}  // namespace reckon::rl
