#pragma once

#include <span>
#include <vector>

#include "rl/grpo_config.h"
#include "rl/sampling_round.h"

namespace reckon::rl {

/// Log-probabilities of every completion token under `model` without gradient, at the temperature
/// of `config`: one list a completion, in the order of the groups.
std::vector<std::vector<float>> completion_logprobs(const GrpoConfig& config,
                                                    std::span<const ScoredGroup> groups,
                                                    const policy::Transformer& model);

/// Fills what updates of a rollout need of the models it was taken with: `old_logprobs` with
/// `old_logprobs: recompute`, `ref_logprobs` where the KL is in the reward. Does nothing otherwise.
void add_rollout_logprobs(const GrpoConfig& config, std::span<ScoredGroup> groups,
                          const policy::Transformer& model, const policy::Transformer* reference);

}  // namespace reckon::rl
