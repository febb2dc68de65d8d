#include "rl/stage.h"

#include <sys/resource.h>

namespace reckon::rl {

void StageContext::report(int64_t step, int64_t max_steps, const std::string& phase) const {
  RunStatus status = log.last_status();
  status.step = step;
  status.max_steps = max_steps;
  status.phase = phase;
  log.status(status);
}

std::vector<int32_t> stop_ids(const policy::Pretrained& policy) {
  std::vector<int32_t> ids;
  for (const int64_t id : policy.model->config().eos_token_ids) {
    ids.push_back(static_cast<int32_t>(id));
  }
  const auto eos = policy.tokenizer->eos_id();
  if (eos && std::find(ids.begin(), ids.end(), *eos) == ids.end()) ids.push_back(*eos);
  return ids;
}

policy::Transformer& trainable(policy::Transformer& model) {
  model.requires_grad(true);
  return model;
}

policy::Transformer& trainable(const policy::Pretrained& policy, const MemoryOptions& options,
                               const StageContext& context) {
  policy::Transformer& model = *policy.model;
  if (options.use_peft) {
    model.add_adapters(
        {options.lora_r, options.lora_alpha, options.lora_target_modules, policy.source.string()},
        context.seed, context.index);
  }
  model.set_recompute(options.gradient_checkpointing);
  return trainable(model);
}

double peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024.0;
}

}  // namespace reckon::rl
