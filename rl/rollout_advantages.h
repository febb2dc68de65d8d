#pragma once

#include <span>

#include "rl/grpo_config.h"
#include "rl/sampling_round.h"

namespace reckon::rl {

/// Sets advantages and the marks of groups without signal from the rewards of whole groups, with
/// the KL taken off where `kl_placement` is `reward` (`add_rollout_logprobs` must have run then).
/// `weights` are those of the reward functions, for `normalize_then_sum`.
void set_rollout_advantages(const GrpoConfig& config, std::span<const double> weights,
                            std::span<ScoredGroup> groups);

}  // namespace reckon::rl
