#pragma once

#include <span>
#include <vector>

#include "policy/transformer.h"

namespace reckon::rl {

/// A prompt and what follows it; the loss acts on the completion only. Views must outlive packing.
struct TrainingSequence {
  std::span<const int32_t> prompt;
  std::span<const int32_t> completion;
  std::span<const float> old_logprobs;  ///< one a completion token, or empty
  double advantage = 0.0;
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
};

/// Cuts sequences into micro-batches of at most `max_tokens` tokens (a longer sequence gets one of
/// its own), sorted by length, ties by index. The last token of a sequence predicts nothing and is
/// not run. Sequences need at least one token of prompt and of completion.
std::vector<MicroBatch> pack_sequences(std::span<const TrainingSequence> sequences,
                                       int64_t max_tokens, const at::Device& device);

}  // namespace reckon::rl
