#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "policy/tokenizer.h"
#include "rewards/reward.h"
#include "rl/stage_cost.h"
#include "rollout/engine.h"
#include "tasks/task.h"

namespace reckon::rl {

/// One completion with all that is known of it.
struct ScoredCompletion {
  rollout::Completion completion;
  std::string text;
  std::vector<rewards::RewardResult> scores;  ///< one a reward function
  std::optional<double> reward;               ///< weighted sum; none if no function applied
  std::optional<size_t> accuracy_index;  ///< which of `scores` says whether it is right, if scored
  double advantage = 0.0;
  std::vector<double> token_advantages;  ///< where they differ by token; else `advantage` holds
  std::vector<float> old_logprobs;       ///< the trainer's at the rollout; empty: the sampler's
  std::vector<float> ref_logprobs;       ///< of the reference, where the KL is in the reward

  /// Length in tokens, the end token counted.
  int64_t length() const { return static_cast<int64_t>(completion.ids.size()); }
};

/// All completions of one prompt.
struct ScoredGroup {
  tasks::Problem problem;
  std::vector<int32_t> prompt_ids;
  std::vector<ScoredCompletion> completions;
  bool zero_std = false;  ///< all rewards equal: no signal
};

/// A list of reward functions applied to completions.
class Scorer {
 public:
  /// No rewards: completions stay without scores and `accuracy_index` has no meaning.
  Scorer() = default;
  /// Makes the rewards of `configs`, which share `services`; `pointer` and `file` are for messages.
  Scorer(const std::vector<nlohmann::json>& configs, const std::string& pointer,
         const std::string& file, const rewards::RewardServices& services = {});

  /// Scores all completions of a group. Thread-safe.
  void score(ScoredGroup& group, const rewards::SampleAddress& base, int64_t max_tokens) const;

  const std::vector<std::unique_ptr<rewards::Reward>>& rewards() const { return rewards_; }
  /// Whether a reward waits for other processes.
  bool waits() const;
  /// Position of the reward whose value 1 counts as a right answer to `problem`: the first that is
  /// no length term and scores problems of its task; the first that is no length term if none does.
  size_t accuracy_index(const tasks::Problem& problem) const;
  /// What that reward says of a completion that was scored.
  const rewards::RewardResult& accuracy_score(const ScoredCompletion& completion) const;
  /// Whether a completion is a right answer by that reward.
  bool is_correct(const ScoredCompletion& completion) const;

 private:
  std::vector<std::unique_ptr<rewards::Reward>> rewards_;
  size_t accuracy_ = 0;  // the first that is no length term
};

/// Whether every group has all its completions: an engine that was stopped leaves some out.
bool is_complete(std::span<const ScoredGroup> groups, int64_t num_samples);

/// Counts prompts, once each, and completions that a policy of so many parameters was sampled for.
void count_sampling(StageCost& cost, int64_t num_parameters, std::span<const ScoredGroup> groups);

/// Samples `num_samples` completions of each problem and scores each group as soon as it is
/// complete, while others are still being sampled; `on_scored` is then called with it, from any
/// thread. Groups come back in the order of `problems`; one that the engine did not complete
/// because it was stopped has no completions.
std::vector<ScoredGroup> sample_groups(
    rollout::RolloutEngine& engine, const policy::Tokenizer& tokenizer, const Scorer& scorer,
    std::vector<tasks::Problem> problems, int64_t num_samples,
    const rollout::SamplingParams& params, const StreamAddress& address,
    const std::function<void(const ScoredGroup&)>& on_scored = {});

}  // namespace reckon::rl
