#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace reckon::rl {

/// How token terms are averaged (docs/algorithms.md, "Aggregation"). The counts are those of the
/// whole optimizer step, so that only `local_token_mean` depends on the cut into micro-batches.
enum class LossAggregation {
  seq_mean_token_mean,  ///< (1/B) Σ_i (1/L_i) Σ_t u: GRPO, 2402.03300
  constant,             ///< 1/(B Lmax) Σ u: Dr. GRPO, 2503.20783
  token_mean,           ///< (1/N) Σ u: DAPO, 2503.14476, over the step
  group_token_mean,     ///< mean over groups of (1/Σ_group L_i) Σ u: DAPO's paper form
  local_token_mean,     ///< mean over micro-batches of their token means
  seq_mean,             ///< (1/B) Σ_i u_i for terms of one number a sequence: GSPO, 2507.18071
};

/// Reads the key `loss_aggregation`.
LossAggregation parse_loss_aggregation(const std::string& text);

/// Counts of the whole optimizer step that normalise the loss.
struct LossCounts {
  int64_t completions = 0;         ///< B, masked ones included
  int64_t groups = 0;              ///< P
  int64_t tokens = 0;              ///< N, loss tokens
  int64_t micro_batches = 0;       ///< with `local_token_mean` only
  int64_t micro_batch_tokens = 0;  ///< loss tokens of this micro-batch, likewise
};

/// Weight of each token's term in J: [N] in the type of `lengths`. `lengths` [N] are the loss
/// tokens of the token's completion, `group_lengths` [N] those of its group (with
/// `group_token_mean`). A term of one number a sequence counts at each token of it, hence 1/L_i
/// under `seq_mean` too.
at::Tensor aggregation_weights(LossAggregation aggregation, const LossCounts& counts,
                               const at::Tensor& lengths, const at::Tensor& group_lengths,
                               int64_t max_completion_length);

/// Which completion each token belongs to.
struct SequenceIndex {
  at::Tensor index;    ///< [N] int64, 0 … count - 1
  at::Tensor lengths;  ///< [N] loss tokens of the token's completion
  int64_t count = 0;
};

/// Mean of `values` [N] over each token's completion, at each of its tokens: [N].
at::Tensor sequence_mean(const at::Tensor& values, const SequenceIndex& sequences);

}  // namespace reckon::rl
