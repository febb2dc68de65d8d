#include "rl/rollout_advantages.h"

#include <algorithm>

#include "rl/advantages.h"
#include "rl/token_returns.h"

namespace reckon::rl {
namespace {

constexpr double kLogRatioBound = 20.0;

template <class Body>
void for_each_sample(std::span<ScoredGroup> groups, Body body) {
  for (ScoredGroup& group : groups) {
    for (ScoredCompletion& sample : group.completions) body(sample);
  }
}

// beta times the k1 estimate of each token, lp_old - lp_ref; empty where no reference was asked.
std::vector<double> penalties(double beta, const ScoredCompletion& sample) {
  const auto& old = sample.old_logprobs.empty() ? sample.completion.logprobs : sample.old_logprobs;
  std::vector<double> out;
  for (size_t t = 0; t < sample.ref_logprobs.size(); ++t) {
    const double x = static_cast<double>(old[t]) - static_cast<double>(sample.ref_logprobs[t]);
    out.push_back(beta * std::clamp(x, -kLogRatioBound, kLogRatioBound));
  }
  return out;
}

Rewards shaped_rewards(const GrpoConfig& config, std::span<ScoredGroup> groups) {
  Rewards rewards;
  for_each_sample(groups, [&](const ScoredCompletion& sample) {
    rewards.push_back(sample.reward);
    if (!rewards.back()) return;
    for (const double penalty : penalties(config.beta, sample)) *rewards.back() -= penalty;
  });
  return rewards;
}

Advantages normalized_functions(const GrpoConfig& config, std::span<const double> weights,
                                std::span<ScoredGroup> groups) {
  std::vector<Rewards> by_function(weights.size());
  for_each_sample(groups, [&](const ScoredCompletion& sample) {
    for (size_t f = 0; f < weights.size(); ++f) by_function[f].push_back(sample.scores[f].value);
  });
  return normalize_then_sum(by_function, weights, config.num_generations);
}

void set_token_advantages(const GrpoConfig& config, std::span<ScoredGroup> groups) {
  std::vector<std::vector<double>> lists;
  for_each_sample(groups, [&](const ScoredCompletion& sample) {
    lists.push_back(penalties(config.beta, sample));
  });
  std::vector<ReturnSequence> sequences;
  for_each_sample(groups, [&](const ScoredCompletion& sample) {
    const bool cut = sample.completion.finish_reason == rollout::FinishReason::length;
    sequences.push_back({sample.reward, sample.completion.ids.size(), lists[sequences.size()],
                         !(cut && config.mask_truncated_completions)});
  });
  auto advantages = reinforce_pp_advantages(sequences);
  size_t i = 0;
  for_each_sample(groups, [&](ScoredCompletion& sample) {
    auto& own = advantages[i++];
    sample.advantage = own.empty() ? 0.0 : own.front();
    sample.token_advantages = std::move(own);
  });
}

}  // namespace

void set_rollout_advantages(const GrpoConfig& config, std::span<const double> weights,
                            std::span<ScoredGroup> groups) {
  const auto estimator = parse_advantage_estimator(*config.advantage_estimator);
  const bool of_tokens = estimator == AdvantageEstimator::reinforce_pp;
  // The marks of groups are about the answers' rewards where penalties belong to tokens.
  Rewards rewards;
  if (of_tokens) {
    for_each_sample(groups, [&](const ScoredCompletion& s) { rewards.push_back(s.reward); });
  } else {
    rewards = shaped_rewards(config, groups);
  }
  const auto advantages = config.multi_objective_aggregation == "normalize_then_sum"
                              ? normalized_functions(config, weights, groups)
                              : estimate_advantages(estimator, rewards, config.num_generations,
                                                    parse_scale_rewards(*config.scale_rewards));
  for (size_t g = 0; g < groups.size(); ++g) groups[g].zero_std = advantages.zero_std[g];
  size_t i = 0;
  for_each_sample(groups, [&](ScoredCompletion& sample) {
    sample.advantage = advantages.values[i++];
    sample.token_advantages.clear();
  });
  if (of_tokens) set_token_advantages(config, groups);
}

}  // namespace reckon::rl
