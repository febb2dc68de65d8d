#pragma once

#include <span>

#include "rl/correction.h"
#include "rl/grpo_config.h"
#include "rl/optimizer.h"
#include "rl/sampling_round.h"
#include "rl/update_totals.h"

namespace reckon::rl {

/// The micro-batches of one optimizer step and the counts that normalise its loss.
struct StepPlan {
  LossCounts counts;
  std::vector<MicroBatch> batches;
};

/// Chooses the completions that carry gradient and packs them, in the order of `groups`, which must
/// outlive the call only. A group without signal has no gradient unless KL, entropy or baseline
/// give it some; truncated completions may be masked.
StepPlan plan_step(const GrpoConfig& config, std::span<const ScoredGroup> groups,
                   const at::Device& device);

/// Settings of the loss out of a resolved stage configuration; `step_tokens` N normalises the
/// entropy bonus.
GrpoLossConfig loss_config(const GrpoConfig& config, int64_t step_tokens);

/// Settings of the sampler's correction, likewise.
CorrectionConfig correction_config(const GrpoConfig& config);

/// All of a micro-batch's `LossTokens` that is known before its forward pass: everything but
/// log-probabilities and entropies of the policy, and those of the reference where they are not
/// stored.
LossTokens constant_tokens(const GrpoConfig& config, const LossCounts& counts,
                           const MicroBatch& batch);

/// One GRPO update: forward, loss and backward over the micro-batches of `groups`, then an
/// optimizer step. Advantages must be set. `reference` may be null if beta is 0. The coefficient of
/// the entropy bonus is `config.entropy_coef`, adaptive or not.
UpdateResult grpo_update(const GrpoConfig& config, std::span<const ScoredGroup> groups,
                         policy::Transformer& model, const policy::Transformer* reference,
                         Optimizer& optimizer, double learning_rate);

/// Gradients of the step without the optimizer step, added to the model's. For tests and
/// `grpo_update`.
UpdateResult grpo_backward(const GrpoConfig& config, std::span<const ScoredGroup> groups,
                           policy::Transformer& model, const policy::Transformer* reference);

}  // namespace reckon::rl
