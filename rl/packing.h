#pragma once

#include <span>
#include <vector>

#include "policy/transformer.h"
#include "rl/aggregation.h"

namespace reckon::rl {

/// A prompt and what follows it; the loss acts on the completion only. Lists hold one value a
/// completion token, or nothing where the loss does not read them. Views must outlive packing.
struct TrainingSequence {
  std::span<const int32_t> prompt;
  std::span<const int32_t> completion;
  std::span<const float> old_logprobs;
  double advantage = 0.0;
  std::span<const double> token_advantages = {};  ///< empty: `advantage` at each token
  std::span<const float> sampler_logprobs = {};   ///< empty: the old ones
  std::span<const float> ref_logprobs = {};
  int64_t group_tokens = 0;  ///< loss tokens of the whole group
};

/// Sequences of one forward and backward pass behind one another, and their loss tokens.
struct MicroBatch {
  policy::PackedBatch batch;
  at::Tensor rows;                    ///< [N] int64: token of the batch that predicts a loss token
  at::Tensor targets;                 ///< [N] int64
  at::Tensor old_logprobs;            ///< [N] float32; undefined if the sequences have none
  at::Tensor advantages;              ///< [N] float64
  at::Tensor lengths;                 ///< [N] float32: loss tokens of the token's sequence
  std::vector<int64_t> token_counts;  ///< loss tokens of each sequence
  at::Tensor sampler_logprobs;        ///< [N] float32; undefined: the old ones
  at::Tensor ref_logprobs;            ///< [N] float32; undefined if the sequences have none
  at::Tensor group_lengths;           ///< [N] float32: loss tokens of the token's group
  SequenceIndex sequences;            ///< of the loss tokens
  std::vector<size_t> members;        ///< number of each sequence in the list that was packed
};

/// Cuts sequences, in their order, into micro-batches of at most `max_tokens` tokens (a longer
/// sequence gets one of its own). The prompt of neighbours that have the same one is run once: P +
/// G·R tokens for a group instead of G·(P + R). The last token of a sequence predicts nothing and
/// is not run. Sequences need at least one token of prompt and of completion.
std::vector<MicroBatch> pack_sequences(std::span<const TrainingSequence> sequences,
                                       int64_t max_tokens, const at::Device& device);

}  // namespace reckon::rl
