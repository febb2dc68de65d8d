#include "rl/grpo_loss.h"

namespace reckon::rl {
namespace {

// The tokens as constants in the type of the log-probabilities.
PolicyTokens policy_tokens(const LossTokens& tokens) {
  const auto type = tokens.logprobs.scalar_type();
  PolicyTokens out{tokens.logprobs,
                   tokens.old_logprobs.to(type),
                   {},
                   tokens.advantages.to(type),
                   tokens.sequences};
  out.sampler_logprobs =
      tokens.sampler_logprobs.defined() ? tokens.sampler_logprobs.to(type) : out.old_logprobs;
  return out;
}

// 0 at completions that the policy has left behind and whose advantage is negative, else 1.
at::Tensor on_policy_factor(double threshold, const PolicyTokens& tokens) {
  const auto gap =
      sequence_mean(tokens.sampler_logprobs - tokens.logprobs.detach(), tokens.sequences);
  return (gap > threshold)
      .logical_and(tokens.advantages < 0)
      .logical_not()
      .to(tokens.logprobs.scalar_type());
}

}  // namespace

LossTokens LossTokens::narrow(int64_t first, int64_t count) const {
  const auto part = [&](const at::Tensor& t) {
    return t.defined() ? t.narrow(0, first, count) : t;
  };
  LossTokens out;
  out.logprobs = part(logprobs);
  out.entropies = part(entropies);
  out.old_logprobs = part(old_logprobs);
  out.sampler_logprobs = part(sampler_logprobs);
  out.ref_logprobs = part(ref_logprobs);
  out.advantages = part(advantages);
  out.weights = part(weights);
  out.policy_factors = part(policy_factors);
  out.engine_ratio = part(engine_ratio);
  out.sequences = {part(sequences.index), part(sequences.lengths), sequences.count};
  return out;
}

void LossTokens::keep_policy_term_at(const at::Tensor& mask) {
  policy_factors = policy_factors.defined() ? policy_factors * mask : mask;
}

GrpoLoss grpo_loss(const GrpoLossConfig& config, const LossTokens& tokens) {
  const auto type = tokens.logprobs.scalar_type();
  const PolicyTokens constants = policy_tokens(tokens);
  const auto weights = tokens.weights.to(type);
  // Step 1. The policy term, where corrections and masks let it act.
  const auto term = policy_term(config.policy, constants);
  auto u = term.u;
  if (tokens.policy_factors.defined()) u = u * tokens.policy_factors.to(type);
  if (config.off_policy_mask_threshold) {
    u = u * on_policy_factor(*config.off_policy_mask_threshold, constants);
  }
  GrpoLoss out;
  out.loss = -(weights * u).sum();
  out.policy_loss = out.loss.detach();
  out.clip_low = term.clip_low;
  out.clip_high = term.clip_high;
  // Step 2. The KL, averaged like the policy term; masks do not act on it.
  if (tokens.ref_logprobs.defined()) {
    const auto ratio = (tokens.logprobs - constants.old_logprobs).exp();
    const auto w = tokens.engine_ratio.defined() ? tokens.engine_ratio.to(type) : at::Tensor();
    const auto kl =
        kl_term(config.kl_estimator, tokens.logprobs, tokens.ref_logprobs.to(type), ratio, w);
    if (config.beta > 0.0) out.loss = out.loss + config.beta * (weights * kl.in_loss).sum();
    out.kl = kl.k3;
  }
  // Step 3. The entropy bonus: the mean over the step's tokens for every loss type.
  if (config.entropy_weight != 0.0) {
    out.loss = out.loss - config.entropy_weight * tokens.entropies.sum();
  }
  return out;
}

}  // namespace reckon::rl
