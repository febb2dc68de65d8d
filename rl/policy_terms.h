#pragma once

#include <optional>

#include "rl/aggregation.h"

namespace reckon::rl {

/// The terms u of the objective (docs/algorithms.md, "The policy term").
enum class PolicyTerm { clip, sequence_clip, cispo, gmpo, sapo, dppo, reinforce };

/// Settings of a policy term; each reads its own.
struct PolicyTermConfig {
  PolicyTerm term = PolicyTerm::clip;
  double epsilon = 0.2;        ///< gmpo: bound of the log-ratio
  double epsilon_high = 0.28;  ///< gmpo: likewise; cispo: cap of the ratio
  std::optional<double> delta;
  double sapo_temperature_pos = 1.0;
  double sapo_temperature_neg = 1.05;
  double dppo_mask_low = 0.2;
  double dppo_mask_high = 0.2;
  double dppo_kl_tau = 1e-3;
};

/// What the terms are made of, [N] each.
struct PolicyTokens {
  at::Tensor logprobs;          ///< lp, with gradient
  at::Tensor old_logprobs;      ///< lp_old
  at::Tensor sampler_logprobs;  ///< lp_smp; read by dppo only
  at::Tensor advantages;        ///< A
  SequenceIndex sequences;      ///< read by sequence_clip and gmpo only
};

/// A policy term and where its guard acts.
struct PolicyTermValue {
  at::Tensor u;          ///< [N] with gradient
  at::Tensor clip_low;   ///< [N] bool: the ratio is below its range and A < 0
  at::Tensor clip_high;  ///< [N] bool: the ratio is above its range and A > 0
};

/// min(r A, clip(r, 1 - ε, 1 + ε_high) A) with r = exp(lp - lp_old) (PPO, 1707.06347; GRPO,
/// 2402.03300, eq. 3); with δ the first r is bounded by it (dual clip, 1912.09729).
PolicyTermValue clip_term(const PolicyTermConfig& config, const PolicyTokens& tokens);

/// The same with s_i = exp(mean_t(lp - lp_old)) for r, at each token (GSPO, 2507.18071, eq. 5, 7).
PolicyTermValue sequence_clip_term(const PolicyTermConfig& config, const PolicyTokens& tokens);

/// sg(min(r, cap)) A lp (CISPO, 2506.13585, eq. 4): the ratio only weighs, no token is dropped.
PolicyTermValue cispo_term(const PolicyTermConfig& config, const PolicyTokens& tokens);

/// A exp(mean_t c), c the log-ratio, bounded above by ε_high where A > 0 and below by -ε where
/// A < 0 (GMPO, 2507.20673); one number a sequence, at each token.
PolicyTermValue gmpo_term(const PolicyTermConfig& config, const PolicyTokens& tokens);

/// (4/τ) σ(τ (r - 1)) A, τ by the sign of A (SAPO, 2511.20347): a smooth gate.
PolicyTermValue sapo_term(const PolicyTermConfig& config, const PolicyTokens& tokens);

/// sg(keep min(p/b, 20)) A lp - τ (lp - lp_smp)², keep 0 where the probability p already moved from
/// the sampler's b by more than the mask in the direction of A (DPPO, 2602.04879, binary total
/// variation).
PolicyTermValue dppo_term(const PolicyTermConfig& config, const PolicyTokens& tokens);

/// A lp: no ratio and no guard.
PolicyTermValue reinforce_term(const PolicyTokens& tokens);

/// The term of `config`.
PolicyTermValue policy_term(const PolicyTermConfig& config, const PolicyTokens& tokens);

}  // namespace reckon::rl
