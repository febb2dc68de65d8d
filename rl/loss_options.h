#pragma once

#include <optional>
#include <string>

#include "core/config.h"

namespace reckon::rl {

/// The keys that say what is optimised: advantages, policy term, KL, corrections and entropy, in
/// TRL's vocabulary where TRL has the concept (docs/algorithms.md). Keys that a `loss_type` presets
/// are optional here; `resolve_loss_preset` fills them.
struct LossOptions {
  std::string loss_type = "dr_grpo";
  std::optional<std::string> advantage_estimator;
  std::optional<std::string> scale_rewards;
  std::string multi_objective_aggregation = "sum_then_normalize";
  std::optional<std::string> importance_sampling_level;
  std::optional<std::string> loss_aggregation;
  std::optional<double> epsilon;
  std::optional<double> epsilon_high;
  std::optional<double> delta;
  double sapo_temperature_pos = 1.0;
  double sapo_temperature_neg = 1.05;
  double dppo_mask_low = 0.2;
  double dppo_mask_high = 0.2;
  double dppo_kl_tau = 1e-3;

  double beta = 0.0;
  std::optional<std::string> kl_estimator;
  std::optional<std::string> kl_placement;
  bool use_bias_correction_kl = false;

  std::string old_logprobs = "sampler";
  std::string importance_sampling_correction = "none";
  std::optional<double> importance_sampling_clip_max;
  std::optional<double> importance_sampling_clip_min;
  std::optional<double> off_policy_mask_threshold;

  double top_entropy_quantile = 1.0;
  double entropy_coef = 0.0;
  bool use_adaptive_entropy = false;
  double entropy_target = 0.2;
  double entropy_coef_delta = 0.005;
  double entropy_coef_min = 0.0;
  double entropy_coef_max = 1.0;

  template <class V>
  static void visit(V& v) {
    visit_term(v);
    visit_kl(v);
    visit_correction(v);
    visit_entropy(v);
  }

 private:
  template <class V>
  static void visit_term(V& v) {
    using T = LossOptions;
    v(&T::loss_type, "loss_type", "preset of the loss",
      one_of({"grpo", "dr_grpo", "dapo", "bnpo", "gspo", "cispo", "gmpo", "sapo", "rloo",
              "reinforce_pp", "reinforce_pp_baseline", "dppo", "reinforce"}));
    v(&T::advantage_estimator, "advantage_estimator",
      "how rewards become advantages; preset by loss_type",
      one_of({"group_mean", "rloo", "reinforce_pp", "reinforce_pp_baseline", "maxrl"}));
    v(&T::scale_rewards, "scale_rewards",
      "what centred rewards are divided by; preset by loss_type",
      one_of({"none", "group", "batch"}));
    v(&T::multi_objective_aggregation, "multi_objective_aggregation",
      "whether several rewards are summed before or after they are normalised (GDPO)",
      one_of({"sum_then_normalize", "normalize_then_sum"}));
    v(&T::importance_sampling_level, "importance_sampling_level",
      "whether the ratio is of a token or of a sequence (GSPO); preset by loss_type",
      one_of({"token", "sequence"}));
    v(&T::loss_aggregation, "loss_aggregation",
      "how token terms become one number; preset by loss_type",
      one_of({"seq_mean_token_mean", "constant", "token_mean", "group_token_mean",
              "local_token_mean", "seq_mean"}));
    v(&T::epsilon, "epsilon",
      "lower clip range of the ratio (gmpo: of its logarithm); preset by loss_type", positive());
    v(&T::epsilon_high, "epsilon_high",
      "upper clip range (gmpo: of the logarithm; cispo: the cap itself); preset by loss_type",
      positive());
    v(&T::delta, "delta", "upper bound of the ratio where the advantage is negative", positive());
    v(&T::sapo_temperature_pos, "sapo_temperature_pos",
      "sapo: temperature of the gate where the advantage is positive", positive());
    v(&T::sapo_temperature_neg, "sapo_temperature_neg",
      "sapo: temperature of the gate where the advantage is negative", positive());
    v(&T::dppo_mask_low, "dppo_mask_low", "dppo: largest fall of a token's probability",
      probability());
    v(&T::dppo_mask_high, "dppo_mask_high", "dppo: largest rise of a token's probability",
      probability());
    v(&T::dppo_kl_tau, "dppo_kl_tau", "dppo: weight of the squared log-ratio to the sampler",
      at_least(0));
  }

  template <class V>
  static void visit_kl(V& v) {
    using T = LossOptions;
    v(&T::beta, "beta", "KL coefficient; 0 loads no reference model", at_least(0));
    v(&T::kl_estimator, "kl_estimator", "estimator of the KL; k2 unless loss_type presets k1",
      one_of({"k1", "k2", "k3", "k3+"}));
    v(&T::kl_placement, "kl_placement",
      "whether the KL is a term of the loss or taken from the reward; preset by loss_type",
      one_of({"loss", "reward"}));
    v(&T::use_bias_correction_kl, "use_bias_correction_kl",
      "multiply the k3 estimate by the ratio (DeepSeek-V3.2)");
  }

  template <class V>
  static void visit_correction(V& v) {
    using T = LossOptions;
    v(&T::old_logprobs, "old_logprobs",
      "the ratio's denominator: as the sampler recorded it, or recomputed by the trainer",
      one_of({"sampler", "recompute"}));
    v(&T::importance_sampling_correction, "importance_sampling_correction",
      "weight for the gap of sampler and trainer; needs old_logprobs recompute",
      one_of({"none", "tis", "mis", "sequence", "sequence_truncate"}));
    v(&T::importance_sampling_clip_max, "importance_sampling_clip_max",
      "largest weight; 2 for tis, 5 for mis, else 3", positive());
    v(&T::importance_sampling_clip_min, "importance_sampling_clip_min",
      "least weight that mis and sequence keep; 0.5 for mis, else none", at_least(0));
    v(&T::off_policy_mask_threshold, "off_policy_mask_threshold",
      "drop completions of negative advantage whose mean log-ratio to the sampler fell by more",
      positive());
  }

  template <class V>
  static void visit_entropy(V& v) {
    using T = LossOptions;
    v(&T::top_entropy_quantile, "top_entropy_quantile",
      "share of tokens, those of the highest entropy, that keep the policy term",
      between(1e-6, 1.0));
    v(&T::entropy_coef, "entropy_coef", "weight of the entropy bonus; the first one if adaptive",
      at_least(0));
    v(&T::use_adaptive_entropy, "use_adaptive_entropy",
      "raise entropy_coef while the entropy is at most entropy_target, else lower it");
    v(&T::entropy_target, "entropy_target", "nats; above it the adaptive bonus rests", at_least(0));
    v(&T::entropy_coef_delta, "entropy_coef_delta", "change of the adaptive coefficient in a step",
      at_least(0));
    v(&T::entropy_coef_min, "entropy_coef_min", "least adaptive coefficient", at_least(0));
    v(&T::entropy_coef_max, "entropy_coef_max", "largest adaptive coefficient", at_least(0));
  }
};

}  // namespace reckon::rl
