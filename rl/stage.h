#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "policy/pretrained.h"
#include "rl/memory_options.h"
#include "rl/run_log.h"
#include "rl/stage_cost.h"
#include "rollout/engine.h"

namespace reckon::rl {

/// What every stage of a run is given. References must outlive the stage.
struct StageContext {
  std::string name;               ///< of the stage
  uint32_t index = 0;             ///< in the recipe: part of every random address
  uint64_t seed = 0;              ///< of the run
  std::filesystem::path folder;   ///< runs/NAME/stages/STAGE
  std::string hash;               ///< of the stage and its inputs, kept with checkpoints
  at::TensorOptions options;      ///< dtype and device of the policy
  rollout::EngineOptions engine;  ///< speed only
  bool is_terminal = false;       ///< whether progress may be redrawn
  RunLog& log;
  StageCost& cost;  ///< of this stage, counted on after a checkpoint

  /// Updates step and phase of status.json.
  void report(int64_t step, int64_t max_steps, const std::string& phase) const;
};

/// Ids that end a completion: those of the model's configuration and the tokenizer's end token.
std::vector<int32_t> stop_ids(const policy::Pretrained& policy);

/// How a stage samples: `temperature`, `top_p`, `top_k` and `max_completion_length` of its
/// configuration, to the end tokens of its policy.
template <class Config>
rollout::SamplingParams sampling_params(const Config& config, const policy::Pretrained& policy) {
  rollout::SamplingParams params;
  params.temperature = config.temperature;
  params.top_p = config.top_p;
  params.top_k = config.top_k;
  params.max_new_tokens = config.max_completion_length;
  params.stop_token_ids = stop_ids(policy);
  return params;
}

/// The model itself, made ready for training.
policy::Transformer& trainable(policy::Transformer& model);

/// The policy of a stage, made ready for training as `options` say: with an adapter, with
/// activation checkpointing.
policy::Transformer& trainable(const policy::Pretrained& policy, const MemoryOptions& options,
                               const StageContext& context);

/// Largest memory the process has held so far, bytes.
double peak_memory_bytes();

/// How a stage ended.
enum class StageEnd { finished, stopped };

}  // namespace reckon::rl
