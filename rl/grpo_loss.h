#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "rl/kl.h"
#include "rl/policy_terms.h"

namespace reckon::rl {

/// Settings of the loss of a micro-batch.
struct GrpoLossConfig {
  PolicyTermConfig policy;
  double beta = 0.0;  ///< weight of the KL in the loss
  KlEstimator kl_estimator = KlEstimator::k2;
  /// Drops the policy term of completions with A < 0 and mean_t(lp_smp - lp) above this
  /// (DeepSeek-V3.2).
  std::optional<double> off_policy_mask_threshold;
  double entropy_weight = 0.0;  ///< of the sum of entropies: entropy_coef / N of the step
};

/// Loss tokens of some completions, one after the other, [N] each. All but `logprobs` and
/// `entropies` are constants that are known before the forward pass.
struct LossTokens {
  at::Tensor logprobs;          ///< of the policy, with gradient
  at::Tensor entropies;         ///< of the policy, with gradient; undefined without entropy bonus
  at::Tensor old_logprobs;      ///< the ratio's denominator
  at::Tensor sampler_logprobs;  ///< recorded while sampling; undefined: the old ones
  at::Tensor ref_logprobs;      ///< of the reference; undefined without KL
  at::Tensor advantages;
  at::Tensor weights;         ///< share of the token in the step's mean (`aggregation_weights`)
  at::Tensor policy_factors;  ///< corrections and masks of the policy term; undefined: 1
  at::Tensor engine_ratio;    ///< w in the KL (`engine_ratio`); undefined: 1
  SequenceIndex sequences;    ///< undefined where the loss is separable (`token_separable`)

  /// Tokens [first, first + count). Meaningful for separable losses only where it cuts completions.
  LossTokens narrow(int64_t first, int64_t count) const;

  /// Multiplies `policy_factors` by a mask [N] of ones and zeros.
  void keep_policy_term_at(const at::Tensor& mask);
};

/// Loss of a micro-batch and per-token quantities for the metrics (without gradient).
struct GrpoLoss {
  at::Tensor loss;         ///< scalar: its share of the step's loss, KL and entropy bonus included
  at::Tensor policy_loss;  ///< scalar without gradient: the policy term alone
  at::Tensor kl;           ///< [N] k3 estimate; undefined without reference
  at::Tensor clip_low;     ///< [N] bool: the ratio is below its range and A < 0
  at::Tensor clip_high;    ///< [N] bool: the ratio is above its range and A > 0
};

/// -Σ weight (factor u - beta KL) - entropy_weight Σ H over the tokens: a pure function of its
/// arguments. Micro-batches of a step, or chunks of one where the loss is separable, sum up to the
/// step's loss.
GrpoLoss grpo_loss(const GrpoLossConfig& config, const LossTokens& tokens);

}  // namespace reckon::rl
