#include "tests/rl/golden_rollout.h"

#include <nlohmann/json.hpp>

#include "policy/pretrained.h"
#include "rl/rollout_advantages.h"
#include "rl/stage.h"

namespace reckon::rl {
namespace {

std::vector<int32_t> slice(const std::vector<int64_t>& values, int64_t begin, int64_t end) {
  return {values.begin() + begin, values.begin() + end};
}

}  // namespace

std::unique_ptr<policy::Transformer> golden_model() {
  auto model = policy::load_transformer("tests/golden/model_llama_tiny",
                                        at::TensorOptions().dtype(at::kDouble));
  trainable(*model);
  return model;
}

GrpoConfig golden_config(const GoldenFile& golden, const std::string& loss_type) {
  const auto settings = golden.metadata("settings");
  GrpoConfig config;
  config.rewards.emplace_back();
  config.loss_type = loss_type;
  config.num_generations = settings.at("num_generations").get<int64_t>();
  config.max_completion_length = settings.at("max_completion_length").get<int64_t>();
  config.temperature = settings.at("temperature").get<double>();
  config.weight_decay = settings.at("weight_decay").get<double>();
  config.adam_beta2 = settings.at("adam_beta2").get<double>();
  config.max_grad_norm = settings.at("max_grad_norm").get<double>();
  return resolve_loss_preset(config, "");
}

std::vector<ScoredGroup> golden_groups(const GoldenFile& golden, const GrpoConfig& config) {
  const auto prompts = golden.integers("prompt_ids"), starts = golden.integers("prompt_offsets");
  const auto ids = golden.integers("completion_ids");
  const auto offsets = golden.integers("completion_offsets");
  const auto truncated = golden.integers("truncated");
  const auto rewards = golden.numbers("rewards"), logprobs = golden.numbers("sampler_logprobs");
  std::vector<ScoredGroup> groups;
  size_t i = 0;
  for (size_t p = 0; p + 1 < starts.size(); ++p) {
    ScoredGroup group;
    group.prompt_ids = slice(prompts, starts[p], starts[p + 1]);
    for (int64_t g = 0; g < config.num_generations; ++g, ++i) {
      ScoredCompletion sample;
      sample.completion.ids = slice(ids, offsets[i], offsets[i + 1]);
      sample.completion.logprobs.assign(logprobs.begin() + offsets[i],
                                        logprobs.begin() + offsets[i + 1]);
      sample.completion.finish_reason =
          truncated[i] != 0 ? rollout::FinishReason::length : rollout::FinishReason::stop;
      sample.reward = rewards[i];
      group.completions.push_back(std::move(sample));
    }
    groups.push_back(std::move(group));
  }
  set_advantages(config, groups);
  return groups;
}

void set_advantages(const GrpoConfig& config, std::vector<ScoredGroup>& groups) {
  const std::vector<double> weights = {1.0};
  set_rollout_advantages(config, weights, groups);
}

StepGradient step_gradient(const GrpoConfig& config, const std::vector<ScoredGroup>& groups,
                           policy::Transformer& model, const policy::Transformer* reference) {
  Optimizer optimizer(model, config);
  StepGradient out;
  out.result = grpo_backward(config, groups, model, reference);
  out.flat = optimizer.flat_gradient().clone();
  return out;
}

}  // namespace reckon::rl
