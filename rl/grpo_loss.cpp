#include "rl/grpo_loss.h"

#include "core/error.h"

namespace reckon::rl {
namespace {

constexpr double kLogRatioBound = 20.0;

// Weight of each token's term in the step's objective.
at::Tensor token_weights(const GrpoLossConfig& config, const LossCounts& counts,
                         const at::Tensor& lengths, const at::TensorOptions& options) {
  const auto completions = static_cast<double>(counts.completions);
  switch (config.aggregation) {
    case LossAggregation::seq_mean_token_mean:
      return lengths.to(options).reciprocal() / completions;
    case LossAggregation::constant:
      return at::full_like(lengths,
                           1.0 / (completions * static_cast<double>(config.max_completion_length)),
                           options);
    case LossAggregation::token_mean:
      return at::full_like(lengths, 1.0 / static_cast<double>(std::max<int64_t>(1, counts.tokens)),
                           options);
    case LossAggregation::local_token_mean:
      return at::full_like(
          lengths,
          1.0 / static_cast<double>(counts.micro_batches * std::max<int64_t>(1, lengths.numel())),
          options);
  }
  fail(ErrorCode::internal, "expected a known aggregation");
}

struct KlTerms {
  at::Tensor in_loss;  // [N] with the gradient of the chosen estimator
  at::Tensor k3;       // [N] for the metric
};

KlTerms kl_terms(const GrpoLossConfig& config, const LossTokens& tokens, const at::Tensor& ratio) {
  // x = log π - log π_ref, held in a range where exp stays finite.
  const auto x = (tokens.logprobs - tokens.ref_logprobs).clamp(-kLogRatioBound, kLogRatioBound);
  const auto k3 = at::exp(-x) - 1.0 + x;
  switch (config.kl_estimator) {
    case KlEstimator::k2:
      // Off-policy the estimate is weighted by the ratio, which is never differentiated here.
      return {ratio.detach() * x.square() / 2.0, k3.detach()};
    case KlEstimator::k3:
      return {k3, k3.detach()};
    case KlEstimator::k3_ratio:
      return {ratio * k3, k3.detach()};
  }
  fail(ErrorCode::internal, "expected a known KL estimator");
}

}  // namespace

LossAggregation parse_loss_aggregation(const std::string& text) {
  if (text == "seq_mean_token_mean") return LossAggregation::seq_mean_token_mean;
  if (text == "constant") return LossAggregation::constant;
  if (text == "token_mean") return LossAggregation::token_mean;
  check(text == "local_token_mean", ErrorCode::invalid_argument,
        "expected a loss aggregation, got {}", text);
  return LossAggregation::local_token_mean;
}

GrpoLoss grpo_loss(const GrpoLossConfig& config, const LossCounts& counts,
                   const LossTokens& tokens) {
  const auto options = tokens.logprobs.options().requires_grad(false);
  const auto advantages = tokens.advantages.to(options);
  const auto weights = token_weights(config, counts, tokens.lengths, options);
  // Step 1. Ratio of policy and behaviour policy.
  const auto ratio = at::exp(tokens.logprobs - tokens.old_logprobs.to(options));
  const double low = 1.0 - config.epsilon, high = 1.0 + config.epsilon_high;
  // Step 2. The clipped surrogate: min(r A, clip(r) A), r bounded by delta before.
  const auto bounded = config.delta ? ratio.clamp_max(*config.delta) : ratio;
  const auto surrogate = at::minimum(bounded * advantages, ratio.clamp(low, high) * advantages);
  // Step 3. Aggregate; the KL is averaged like the surrogate.
  GrpoLoss out;
  out.loss = -(weights * surrogate).sum();
  out.policy_loss = out.loss.detach();
  if (config.beta > 0.0) {
    const auto kl = kl_terms(config, tokens, ratio);
    out.loss = out.loss + config.beta * (weights * kl.in_loss).sum();
    out.kl = kl.k3;
  }
  const auto r = ratio.detach();
  out.clip_low = (r < low).logical_and(advantages < 0);
  out.clip_high = (r > high).logical_and(advantages > 0);
  return out;
}

}  // namespace reckon::rl
