#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "rl/sampling_round.h"

namespace reckon::rl {

/// What an evaluation measures and how.
struct EvalSettings {
  int64_t num_prompts = 256;  ///< first prompts of the held-out list
  int64_t num_samples = 1;    ///< completions of each prompt at `sampling`
  bool greedy = true;         ///< also one completion of each at temperature 0
  bool list_prompts = false;  ///< give counts for each prompt
  rollout::SamplingParams sampling;
  std::vector<std::string> reflection_words;
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
/// a 95 % bootstrap interval over prompts, lengths, pass@k where there are several samples, by
/// difficulty, and diagnoses of the trace where the task knows traces. Draws are the same for every
/// policy and step, so that comparisons are paired.
nlohmann::json evaluate(rollout::RolloutEngine& engine, const policy::Tokenizer& tokenizer,
                        const tasks::ProblemSource& task, const Scorer& scorer,
                        const EvalSettings& settings, const EvalAddress& address);

/// Occurrences of `word` in `text`, as a whole word between blanks or ends.
int64_t count_word(std::string_view text, std::string_view word);

/// Value at rank q·(n-1) of `values`, by linear interpolation. Values are sorted.
double quantile(const std::vector<double>& sorted, double q);

/// Unbiased pass@k from c right answers out of n ≥ k (2107.03374): 1 - C(n-c, k)/C(n, k).
double pass_at_k(int64_t n, int64_t c, int64_t k);

}  // namespace reckon::rl
