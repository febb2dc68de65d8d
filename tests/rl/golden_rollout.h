#pragma once

#include <memory>
#include <vector>

#include "rl/grpo_update.h"
#include "tests/rl/golden.h"

namespace reckon::rl {

/// The model of the golden step, in float64, wanting gradients.
std::unique_ptr<policy::Transformer> golden_model();

/// Configuration of a step on the golden rollout: the golden file's, with the preset of `loss_type`
/// and no clipping of gradients.
GrpoConfig golden_config(const GoldenFile& golden, const std::string& loss_type);

/// The rollout of the golden file as scored groups, with advantages for `config`.
std::vector<ScoredGroup> golden_groups(const GoldenFile& golden, const GrpoConfig& config);

/// Sets advantages and marks of groups without signal from the rewards, as the stage does.
void set_advantages(const GrpoConfig& config, std::vector<ScoredGroup>& groups);

/// Gradients of one step by `grpo_backward`, all parameters one after the other.
struct StepGradient {
  at::Tensor flat;
  UpdateResult result;
};
StepGradient step_gradient(const GrpoConfig& config, const std::vector<ScoredGroup>& groups,
                           policy::Transformer& model,
                           const policy::Transformer* reference = nullptr);

}  // namespace reckon::rl
