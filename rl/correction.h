#pragma once

#include <string>

#include "rl/aggregation.h"

namespace reckon::rl {

/// Weights for the gap between the sampler and the trainer (docs/algorithms.md, "Correction"), out
/// of w = exp(lp_old - lp_smp), lp_old recomputed by the trainer.
enum class SamplerCorrection {
  none,
  tis,                ///< min(w, C) of a token: truncated importance sampling
  mis,                ///< w of a token where C_min ≤ w ≤ C, else 0 (IcePop)
  sequence,           ///< W = exp(Σ_t log w) of the completion where C_min ≤ W ≤ C, else 0
  sequence_truncate,  ///< min(W, C) of the completion
};

/// Reads the key `importance_sampling_correction`.
SamplerCorrection parse_sampler_correction(const std::string& text);

/// Settings of the correction.
struct CorrectionConfig {
  SamplerCorrection kind = SamplerCorrection::none;
  double clip_max = 2.0;  ///< C
  double clip_min = 0.0;  ///< C_min
  /// The policy term is one number a sequence: token weights become their geometric mean.
  bool one_per_sequence = false;
};

/// log w, held in [-20, 20]: [N].
at::Tensor engine_log_ratio(const at::Tensor& old_logprobs, const at::Tensor& sampler_logprobs);

/// The factor of each token's policy term, a constant: [N]. Undefined for `none`.
at::Tensor correction_weights(const CorrectionConfig& config, const at::Tensor& old_logprobs,
                              const at::Tensor& sampler_logprobs, const SequenceIndex& sequences);

/// w of each token truncated at C, which weighs KL terms off-policy: [N]. Never 0, because masks
/// act on the policy term alone. Undefined for `none`.
at::Tensor engine_ratio(const CorrectionConfig& config, const at::Tensor& old_logprobs,
                        const at::Tensor& sampler_logprobs);

}  // namespace reckon::rl
