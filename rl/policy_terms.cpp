#include "rl/policy_terms.h"

#include "core/error.h"

namespace reckon::rl {
namespace {

constexpr double kDppoRatioCap = 20.0;

at::Tensor log_ratio(const PolicyTokens& tokens) { return tokens.logprobs - tokens.old_logprobs; }

PolicyTermValue clipped(const PolicyTermConfig& config, const at::Tensor& ratio,
                        const at::Tensor& advantages) {
  const double low = 1.0 - config.epsilon, high = 1.0 + config.epsilon_high;
  const auto bounded = config.delta ? ratio.clamp_max(*config.delta) : ratio;
  const auto r = ratio.detach();
  return {at::minimum(bounded * advantages, ratio.clamp(low, high) * advantages),
          (r < low).logical_and(advantages < 0), (r > high).logical_and(advantages > 0)};
}

at::Tensor nowhere(const at::Tensor& like) { return at::zeros_like(like, at::kBool); }

}  // namespace

PolicyTermValue clip_term(const PolicyTermConfig& config, const PolicyTokens& tokens) {
  return clipped(config, log_ratio(tokens).exp(), tokens.advantages);
}

PolicyTermValue sequence_clip_term(const PolicyTermConfig& config, const PolicyTokens& tokens) {
  const auto ratio = sequence_mean(log_ratio(tokens), tokens.sequences).exp();
  return clipped(config, ratio, tokens.advantages);
}

PolicyTermValue cispo_term(const PolicyTermConfig& config, const PolicyTokens& tokens) {
  const auto r = log_ratio(tokens).detach().exp();
  return {r.clamp_max(config.epsilon_high) * tokens.advantages * tokens.logprobs, nowhere(r),
          (r > config.epsilon_high).logical_and(tokens.advantages > 0)};
}

PolicyTermValue gmpo_term(const PolicyTermConfig& config, const PolicyTokens& tokens) {
  const auto ratio = log_ratio(tokens);
  const auto bounded = at::where(tokens.advantages > 0, ratio.clamp_max(config.epsilon_high),
                                 ratio.clamp_min(-config.epsilon));
  const auto l = ratio.detach();
  return {tokens.advantages * sequence_mean(bounded, tokens.sequences).exp(),
          (l < -config.epsilon).logical_and(tokens.advantages < 0),
          (l > config.epsilon_high).logical_and(tokens.advantages > 0)};
}

PolicyTermValue sapo_term(const PolicyTermConfig& config, const PolicyTokens& tokens) {
  const auto ratio = log_ratio(tokens).exp();
  const auto gate = [&](double temperature) {
    return 4.0 / temperature * at::sigmoid(temperature * (ratio - 1.0));
  };
  const auto f = at::where(tokens.advantages > 0, gate(config.sapo_temperature_pos),
                           gate(config.sapo_temperature_neg));
  return {f * tokens.advantages, nowhere(ratio), nowhere(ratio)};
}

PolicyTermValue dppo_term(const PolicyTermConfig& config, const PolicyTokens& tokens) {
  const auto gap = tokens.logprobs - tokens.sampler_logprobs;
  const auto lp = tokens.logprobs.detach();
  const auto change = lp.exp() - tokens.sampler_logprobs.exp();
  const auto fell = (change < -config.dppo_mask_low).logical_and(tokens.advantages < 0);
  const auto rose = (change > config.dppo_mask_high).logical_and(tokens.advantages > 0);
  const auto weight = gap.detach().exp().clamp_max(kDppoRatioCap).masked_fill(fell | rose, 0.0);
  const auto u = weight * tokens.advantages * tokens.logprobs - config.dppo_kl_tau * gap.square();
  return {u, fell, rose};
}

PolicyTermValue reinforce_term(const PolicyTokens& tokens) {
  return {tokens.advantages * tokens.logprobs, nowhere(tokens.advantages),
          nowhere(tokens.advantages)};
}

PolicyTermValue policy_term(const PolicyTermConfig& config, const PolicyTokens& tokens) {
  switch (config.term) {
    case PolicyTerm::clip:
      return clip_term(config, tokens);
    case PolicyTerm::sequence_clip:
      return sequence_clip_term(config, tokens);
    case PolicyTerm::cispo:
      return cispo_term(config, tokens);
    case PolicyTerm::gmpo:
      return gmpo_term(config, tokens);
    case PolicyTerm::sapo:
      return sapo_term(config, tokens);
    case PolicyTerm::dppo:
      return dppo_term(config, tokens);
    case PolicyTerm::reinforce:
      return reinforce_term(tokens);
  }
  fail(ErrorCode::internal, "expected a known policy term");
}

}  // namespace reckon::rl
