#pragma once

#include "policy/token_logprobs.h"
#include "policy/transformer.h"
#include "rl/grpo_loss.h"
#include "rl/packing.h"

namespace reckon::rl {

/// Loss of a micro-batch after its backward pass, and what the policy gave its tokens.
struct FusedLoss {
  GrpoLoss loss;
  policy::TokenLogprobs values;
};

/// Forward pass, loss and backward pass of a micro-batch whose loss is separable
/// (`token_separable`): the logits of a chunk of tokens become loss and gradient before those of
/// the next one are computed, and are computed once. `constants` has no log-probabilities yet.
FusedLoss fused_backward(const GrpoLossConfig& config, const LossTokens& constants,
                         const MicroBatch& batch, const policy::Transformer& model,
                         double temperature);

}  // namespace reckon::rl
