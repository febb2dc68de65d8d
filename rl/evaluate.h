#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "rl/sampling_round.h"

namespace reckon::rl {

/// What an evaluation measures and how.
struct EvalSettings {
  int64_t num_prompts = 256;  ///< first prompts of the held-out list
  int64_t num_samples = 1;    ///< completions of each prompt at `sampling`
  bool greedy = true;         ///< also one completion of each at temperature 0
  /// First prompts of the list that get a greedy completion; `num_prompts` if absent.
  std::optional<int64_t> greedy_prompts;
  bool list_prompts = false;  ///< give each prompt's part in the numbers
  std::vector<int64_t> k;     ///< of pass@k and cons@k; if empty, powers of two
  rollout::SamplingParams sampling;
  std::vector<std::string> reflection_words;
  std::vector<std::string> group_by;  ///< columns of the problems to be reported apart by value
  /// Counts the tokens of an evaluation, with the parameters of its policy; may be null.
  StageCost* cost = nullptr;
  int64_t num_parameters = 0;
  /// Called with every prompt's completions as soon as they are scored, from any thread: first with
  /// the sampled ones, then with the greedy one.
  std::function<void(const ScoredGroup&, bool greedy)> on_prompt = {};
};

/// Where an evaluation stands, for its line in evals.jsonl and its random draws.
struct EvalAddress {
  std::string stage;
  std::string policy;
  int64_t step = 0;
  uint64_t seed = 0;
  uint32_t stage_index = 0;
};

/// Answers held-out prompts and returns the line for evals.jsonl (docs/formats.md): accuracy with
/// a 95 % bootstrap interval over prompts, lengths, every reward, pass@k and cons@k where there are
/// several samples, by difficulty and by `group_by`, and diagnoses of the trace where the task
/// knows traces. Prompts whose gold answer cannot be read are counted and left out. Draws are the
/// same for every policy and step, so that comparisons are paired. Returns null if the engine was
/// stopped before the end. Throws `invalid_argument` that names the setting for values without a
/// meaning, if no prompt has a gold answer, and if none has a column of `group_by`.
nlohmann::json evaluate(rollout::RolloutEngine& engine, const policy::Tokenizer& tokenizer,
                        const tasks::ProblemSource& task, const Scorer& scorer,
                        const EvalSettings& settings, const EvalAddress& address);

/// Occurrences of `word` in `text`, as a whole word between blanks or ends.
int64_t count_word(std::string_view text, std::string_view word);

}  // namespace reckon::rl
