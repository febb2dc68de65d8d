#pragma once

#include <span>

#include "rl/grpo_config.h"
#include "rl/grpo_loss.h"
#include "rl/optimizer.h"
#include "rl/packing.h"
#include "rl/sampling_round.h"

namespace reckon::rl {

/// How far the trainer's log-probabilities are from the sampler's, over the tokens of one update.
struct SamplingGap {
  double difference_mean = 0.0;  ///< of |lp - lp_sampler|
  double difference_max = 0.0;
  double ratio_min = 1.0;  ///< of exp(lp - lp_sampler)
  double ratio_mean = 1.0;
  double ratio_max = 1.0;
  double mismatch_k3 = 0.0;   ///< mean of ρ - 1 - log ρ
  double outside_frac = 0.0;  ///< share of ρ outside [0.9, 1.1]
};

/// What one optimizer step reports.
struct UpdateResult {
  double loss = 0.0;
  double policy_loss = 0.0;
  double kl = 0.0;
  double entropy = 0.0;
  double clip_low_mean = 0.0, clip_low_min = 0.0;
  double clip_high_mean = 0.0, clip_high_max = 0.0;
  double clip_region_mean = 0.0;
  double grad_norm = 0.0;
  int64_t trained_tokens = 0;  ///< prompt and completion tokens that were run
  SamplingGap gap;
};

/// Settings of the loss out of a resolved stage configuration.
GrpoLossConfig loss_config(const GrpoConfig& config);

/// One GRPO update: forward, loss and backward over the micro-batches of `groups`, then an
/// optimizer step. Advantages must be set. `reference` may be null if beta is 0.
UpdateResult grpo_update(const GrpoConfig& config, std::span<const ScoredGroup> groups,
                         policy::Transformer& model, const policy::Transformer* reference,
                         Optimizer& optimizer, double learning_rate);

/// Gradients of the step without the optimizer step, added to the model's. For tests and
/// `grpo_update`.
UpdateResult grpo_backward(const GrpoConfig& config, std::span<const ScoredGroup> groups,
                           policy::Transformer& model, const policy::Transformer* reference);

}  // namespace reckon::rl
