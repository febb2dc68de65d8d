#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace reckon::rl {

/// Estimators of KL(policy, reference) out of x = lp - lp_ref, as a term of the loss
/// (docs/algorithms.md, "KL"). r is the policy ratio, w the engine ratio.
enum class KlEstimator {
  k2,        ///< sg(r w) x²/2; descends KL(policy, reference)
  k3,        ///< e^-x - 1 + x; descends KL(reference, policy), for fidelity to papers
  k3_plus,   ///< value of k3, gradient of k2
  k3_ratio,  ///< sg(w) r k3 with r differentiated (DeepSeek-V3.2)
};

/// Reads the key `kl_estimator`; k3 with `use_bias_correction_kl` is `k3_ratio`.
KlEstimator parse_kl_estimator(const std::string& text, bool use_bias_correction_kl);

/// A KL term and what is logged of it.
struct KlTerm {
  at::Tensor in_loss;  ///< [N] with the gradient of the estimator
  at::Tensor k3;       ///< [N] the k3 estimate without gradient, whatever the loss uses
};

/// The KL of each token. All [N]: `ratio` r with gradient, `engine_ratio` w without (undefined: 1).
/// x is held in [-20, 20] so that exp stays finite.
KlTerm kl_term(KlEstimator estimator, const at::Tensor& logprobs, const at::Tensor& ref_logprobs,
               const at::Tensor& ratio, const at::Tensor& engine_ratio);

}  // namespace reckon::rl
