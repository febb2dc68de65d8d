#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>

namespace reckon::rl {

/// How token terms are averaged (docs/algorithms.md, "Aggregation"). B, N and the constants count
/// the whole optimizer step, so that only `local_token_mean` depends on the cut into micro-batches.
enum class LossAggregation { seq_mean_token_mean, constant, token_mean, local_token_mean };

/// Reads the key `loss_aggregation`.
LossAggregation parse_loss_aggregation(const std::string& text);

/// Estimators of the KL divergence to the reference.
enum class KlEstimator { k2, k3, k3_ratio };

/// Settings of the loss.
struct GrpoLossConfig {
  LossAggregation aggregation = LossAggregation::constant;
  double epsilon = 0.2;
  double epsilon_high = 0.28;
  std::optional<double> delta;
  double beta = 0.0;
  KlEstimator kl_estimator = KlEstimator::k2;
  int64_t max_completion_length = 512;
};

/// Counts of the whole optimizer step that normalise the loss.
struct LossCounts {
  int64_t completions = 0;    ///< B, masked ones included
  int64_t tokens = 0;         ///< N, loss tokens
  int64_t micro_batches = 0;  ///< with `local_token_mean` only
};

/// Loss tokens of some completions, one after the other.
struct LossTokens {
  at::Tensor logprobs;      ///< [N] of the policy, with gradient
  at::Tensor old_logprobs;  ///< [N] recorded while sampling
  at::Tensor ref_logprobs;  ///< [N] of the reference; undefined if beta is 0
  at::Tensor advantages;    ///< [N] the completion's advantage at each of its tokens
  at::Tensor lengths;       ///< [N] number of loss tokens of the token's completion
};

/// Loss of a micro-batch and per-token quantities for the metrics (without gradient).
struct GrpoLoss {
  at::Tensor loss;         ///< scalar: its share of the step's loss, KL included
  at::Tensor policy_loss;  ///< scalar without gradient: without KL
  at::Tensor kl;           ///< [N] k3 estimate; undefined if beta is 0
  at::Tensor clip_low;     ///< [N] bool: r < 1 - epsilon and A < 0
  at::Tensor clip_high;    ///< [N] bool: r > 1 + epsilon_high and A > 0
};

/// The clipped surrogate (PPO, 1707.06347; GRPO, 2402.03300, eq. 3) with upper bound `delta` for
/// negative advantages, minus beta · KL, aggregated. Sums of the micro-batches of a step are the
/// step's loss.
GrpoLoss grpo_loss(const GrpoLossConfig& config, const LossCounts& counts,
                   const LossTokens& tokens);

}  // namespace reckon::rl
