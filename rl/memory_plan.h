#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/compute.h"
#include "policy/model_config.h"
#include "rl/distill_config.h"
#include "rl/grpo_config.h"
#include "rl/pretrain_config.h"

namespace reckon::rl {

/// What a stage asks of memory besides its model.
struct MemoryDemand {
  MemoryOptions options;
  policy::Compute compute;
  bool reference = false;         ///< a second model stands beside the policy
  int64_t teacher_parameters = 0;  ///< of a model of another size beside it
  int64_t longest = 0;            ///< tokens of the longest sequence that is trained on
  int64_t tokens_per_step = 0;    ///< trained in one optimizer step at most
  int64_t rows = 0;               ///< completions that are sampled at one time; 0: none
  int64_t completion_length = 0;  ///< tokens of each of them at most
  int64_t prompts = 0;            ///< of these completions
  int64_t prompt_length = 0;      ///< tokens of each of them at most
};

/// The demand of a stage. `decoded_together` is how many completions the engine decodes at a time.
MemoryDemand memory_demand(const GrpoConfig& config, const policy::Compute& compute,
                           int64_t decoded_together);
MemoryDemand memory_demand(const PretrainConfig& config, const policy::Compute& compute);
MemoryDemand memory_demand(const SftConfig& config, const policy::Compute& compute);
/// Of a stage with method `on_policy`, but for `teacher_parameters`.
MemoryDemand memory_demand(const DistillConfig& config, const policy::Compute& compute,
                           int64_t decoded_together);

/// One line of a plan.
struct MemoryItem {
  std::string name;
  uint64_t bytes = 0;
};

/// The bytes that a stage needs at once. What always exists is added up; sampling, a forward and
/// backward pass and the optimizer's step come after one another, so only the largest counts.
struct MemoryPlan {
  std::vector<MemoryItem> lasting;
  std::vector<MemoryItem> passing;

  uint64_t total() const;
  /// A small table, one line an item; `available` is what the process may use.
  std::string table(std::optional<uint64_t> available) const;
};

/// Bytes of activations that one micro-batch of `tokens` tokens leaves for its backward pass.
uint64_t activation_bytes(const policy::ModelConfig& model, const MemoryOptions& options,
                          int64_t tokens);

/// `micro_batch_tokens` where it is set; else as many tokens as fit 512 MB of activations, at least
/// 256 and at most 4096.
int64_t micro_batch_tokens(const policy::ModelConfig& model, const MemoryOptions& options);

MemoryPlan plan_memory(const policy::ModelConfig& model, const MemoryDemand& demand);

/// Bytes that this process may hold on `device`, those included that it holds already: on the CPU
/// within the machine's free memory and the limits of its cgroup. Empty if nobody says.
std::optional<uint64_t> available_memory(const at::Device& device);

/// Says what a stage that begins plans with, checks it against what is available, and returns the
/// stage's `micro_batch_tokens`. Throws like `check_memory`.
int64_t begin_with_plan(const policy::ModelConfig& model, const MemoryDemand& demand,
                        const std::string& stage);

/// Throws Error(invalid_argument) if the plan needs more than `available`, with changes of keys
/// that would make it fit where there are such; `place` names the stage.
void check_memory(const policy::ModelConfig& model, const MemoryDemand& demand, uint64_t available,
                  const std::string& place);

}  // namespace reckon::rl
