#include "rl/memory_plan.h"

#include <bit>
#include <functional>
#include <utility>

#include "core/error.h"
#include "core/log.h"
#include "core/progress.h"
#include "policy/lora.h"

namespace reckon::rl {
namespace {

using policy::ModelConfig;

constexpr int64_t kFloat = 4;                       // bytes
constexpr uint64_t kProgram = uint64_t{240} << 20;  // libraries, tokenizer, small buffers
constexpr int64_t kActivationTarget = 512'000'000;  // bytes of a micro-batch chosen by us
constexpr int64_t kLeastTokens = 256, kMostTokens = 4096;
constexpr int64_t kChunkLogits = int64_t{1} << 24;              // as in policy/token_logprobs.cpp
constexpr int64_t kDivergenceLogits = 10 * (int64_t{1} << 22);  // as in rl/distill_loss.cpp

uint64_t product(std::initializer_list<int64_t> factors) {
  uint64_t out = 1;
  for (const int64_t factor : factors) out *= static_cast<uint64_t>(factor);
  return out;
}

// Weights that products read, and so pack: all matrices, the head too where it is tied.
int64_t packed_weights(const ModelConfig& c) {
  const int64_t head = c.vocab_size * c.hidden_size;
  return c.num_parameters() - (c.tie_word_embeddings ? 0 : head);
}

int64_t adapter_weights(const ModelConfig& c, const MemoryOptions& options) {
  const int64_t h = c.hidden_size, f = c.intermediate_size;
  const int64_t q = c.num_attention_heads * c.head_dim, k = c.num_key_value_heads * c.head_dim;
  int64_t widths = 0;  // inputs and outputs
  for (const auto& name :
       policy::lora_modules(options.lora_target_modules, "lora_target_modules")) {
    if (name == "q_proj" || name == "o_proj") widths += h + q;
    if (name == "k_proj" || name == "v_proj") widths += h + k;
    if (name == "gate_proj" || name == "up_proj" || name == "down_proj") widths += h + f;
  }
  return c.num_hidden_layers * options.lora_r * widths;
}

// Numbers that one token leaves in one layer for the backward pass (policy/ops.cpp): both norms'
// inputs and outputs, rotated queries, keys and values, heads, gate and up and their product.
int64_t layer_numbers(const ModelConfig& c) {
  const int64_t heads = c.num_attention_heads * c.head_dim;
  const int64_t normed =
      c.has_qk_norm() ? 2 * c.qkv_width() : 0;  // heads before their norms, and their copies
  return 4 * c.hidden_size + c.qkv_width() + normed + heads + c.num_attention_heads +
         3 * c.intermediate_size;
}

// Numbers of one token that exist while one layer is computed backward.
int64_t backward_numbers(const ModelConfig& c) {
  return 3 * c.intermediate_size + 4 * c.hidden_size + 2 * c.qkv_width();
}

int64_t trained_tokens(const ModelConfig& model, const MemoryDemand& demand) {
  const int64_t limit = std::max(micro_batch_tokens(model, demand.options), demand.longest);
  return std::min(limit, demand.tokens_per_step);
}

// Tokens that a cache holds for `length` tokens when it grows by doubling.
int64_t cache_capacity(int64_t length) {
  return static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(16, length))));
}

}  // namespace

uint64_t MemoryPlan::total() const {
  uint64_t sum = 0, largest = 0;
  for (const MemoryItem& item : lasting) sum += item.bytes;
  for (const MemoryItem& item : passing) largest = std::max(largest, item.bytes);
  return sum + largest;
}

std::string MemoryPlan::table(std::optional<uint64_t> available) const {
  std::string text = "memory plan:\n";
  const auto line = [&](const std::string& name, uint64_t bytes) {
    text += fmt::format("  {:<38}{:>10}\n", name, format_bytes(bytes));
  };
  for (const MemoryItem& item : lasting) line(item.name, item.bytes);
  for (const MemoryItem& item : passing) line("or " + item.name, item.bytes);
  line("sum, with the largest of the \"or\"s", total());
  if (available) line("available", *available);
  return text;
}

uint64_t activation_bytes(const ModelConfig& c, const MemoryOptions& options, int64_t tokens) {
  const int64_t kept = options.gradient_checkpointing
                           ? c.num_hidden_layers * c.hidden_size + layer_numbers(c)
                           : c.num_hidden_layers * layer_numbers(c);
  return product({tokens, kept + backward_numbers(c) + 4 * c.hidden_size, kFloat});
}

int64_t micro_batch_tokens(const ModelConfig& model, const MemoryOptions& options) {
  if (options.micro_batch_tokens > 0) return options.micro_batch_tokens;
  const auto each = static_cast<int64_t>(activation_bytes(model, options, 1));
  return std::clamp(kActivationTarget / each, kLeastTokens, kMostTokens);
}

MemoryDemand memory_demand(const GrpoConfig& config, const policy::Compute& compute,
                           int64_t decoded_together) {
  MemoryDemand out;
  out.options = config;
  out.compute = compute;
  out.reference = config.beta > 0.0;
  out.longest = config.max_prompt_length + config.max_completion_length;
  const int64_t completions = config.prompts_per_step * config.num_generations;
  out.tokens_per_step = completions * out.longest;
  const int64_t rollout = completions * config.steps_per_generation;
  out.rows = std::min(decoded_together, rollout);
  out.completion_length = config.max_completion_length;
  out.prompts = (out.rows + config.num_generations - 1) / config.num_generations + 1;
  out.prompt_length = config.max_prompt_length;
  return out;
}

MemoryDemand memory_demand(const PretrainConfig& config, const policy::Compute& compute) {
  MemoryDemand out;
  out.options = config;
  out.compute = compute;
  out.tokens_per_step = config.tokens_per_step;
  return out;
}

MemoryDemand memory_demand(const SftConfig& config, const policy::Compute& compute) {
  MemoryDemand out;
  out.options = config;
  out.compute = compute;
  out.longest = config.max_length.value_or(0);
  out.tokens_per_step = std::max(config.tokens_per_step, out.longest);
  return out;
}

MemoryDemand memory_demand(const DistillConfig& config, const policy::Compute& compute,
                           int64_t decoded_together) {
  MemoryDemand out;
  out.options = config;
  out.compute = compute;
  out.longest = config.max_prompt_length + config.max_completion_length;
  const int64_t completions = config.prompts_per_step * config.num_generations;
  out.tokens_per_step = completions * out.longest;
  out.rows = std::min(decoded_together, completions);
  out.completion_length = config.max_completion_length;
  out.prompts = (out.rows + config.num_generations - 1) / config.num_generations + 1;
  out.prompt_length = config.max_prompt_length;
  return out;
}

MemoryPlan plan_memory(const ModelConfig& c, const MemoryDemand& demand) {
  const bool peft = demand.options.use_peft;
  const int64_t all = c.num_parameters();
  const int64_t trained = peft ? adapter_weights(c, demand.options) : all;
  // Devices other than the CPU multiply with the parameters themselves.
  const bool packs = demand.compute.device.is_cpu();
  const bool half = demand.compute.storage == policy::kernels::Storage::bfloat16;
  const uint64_t packed = packs ? product({packed_weights(c), half ? 2 : kFloat}) : 0;
  MemoryPlan plan;
  plan.lasting = {{"program", kProgram},
                  {"parameters", product({all + (peft ? trained : 0), kFloat})},
                  {"packed weights", packed},
                  {"gradients", product({trained, kFloat})},
                  {"optimizer moments", product({trained, 2, kFloat})}};
  if (demand.reference) {
    plan.lasting.push_back({"reference", packed + (peft ? 0 : product({all, kFloat}))});
  }
  if (demand.teacher_parameters > 0) {
    // Its weights, and on the CPU their packed copies.
    const int64_t bytes = kFloat + (packs ? (half ? 2 : kFloat) : 0);
    plan.lasting.push_back({"teacher", product({demand.teacher_parameters, bytes})});
  }
  if (demand.rows > 0) {
    const int64_t token = 2 * c.num_hidden_layers * c.num_key_value_heads * c.head_dim;
    const int64_t tokens = demand.rows * cache_capacity(demand.completion_length) +
                           demand.prompts * demand.prompt_length;
    plan.passing.push_back(
        {fmt::format("KV cache of {} completions", demand.rows),
         product({tokens, token, kFloat}) + product({demand.rows, c.vocab_size, kFloat})});
  }
  const int64_t tokens = trained_tokens(c, demand);
  const int64_t chunk = demand.teacher_parameters > 0 ? kDivergenceLogits : kChunkLogits;
  const int64_t logits = std::min(tokens * c.vocab_size, std::max(chunk, c.vocab_size));
  plan.passing.push_back({fmt::format("activations and logits of {} tokens", tokens),
                          activation_bytes(c, demand.options, tokens) + product({logits, kFloat})});
  return plan;
}

namespace {

// One change of keys that may make a stage fit.
struct Change {
  std::string advice;
  std::function<bool(MemoryDemand&)> apply;  // false if there is nothing to change
};

std::vector<Change> changes() {
  return {
      {"micro_batch_tokens 256",
       [](MemoryDemand& d) { return std::exchange(d.options.micro_batch_tokens, 256) != 256; }},
      {"gradient_checkpointing true",
       [](MemoryDemand& d) { return !std::exchange(d.options.gradient_checkpointing, true); }},
      {"half of max_completion_length",
       [](MemoryDemand& d) {
         if (d.completion_length < 2) return false;
         d.longest -= d.completion_length - d.completion_length / 2;
         d.completion_length /= 2;
         return true;
       }},
      {"a quarter of prompts_per_step",
       [](MemoryDemand& d) {
         if (d.rows < 4) return false;
         d.rows /= 4;
         d.prompts = (d.prompts + 3) / 4;
         return true;
       }},
      {"use_peft true", [](MemoryDemand& d) { return !std::exchange(d.options.use_peft, true); }},
      {"dtype bfloat16", [](MemoryDemand& d) {
         const bool full = d.compute.storage != policy::kernels::Storage::bfloat16;
         d.compute.storage = policy::kernels::Storage::bfloat16;
         return full && d.compute.device.is_cpu();
       }}};
}

}  // namespace

void check_memory(const ModelConfig& model, const MemoryDemand& demand, uint64_t available,
                  const std::string& place) {
  const uint64_t wanted = plan_memory(model, demand).total();
  if (wanted <= available) return;
  std::string alone, together;
  MemoryDemand all = demand;
  for (const Change& change : changes()) {
    MemoryDemand one = demand;
    if (!change.apply(one)) continue;
    if (plan_memory(model, one).total() <= available) {
      alone += (alone.empty() ? "" : " or ") + change.advice;
    }
    if (plan_memory(model, all).total() <= available) continue;
    const uint64_t before = plan_memory(model, all).total();
    change.apply(all);
    if (plan_memory(model, all).total() < before) {
      together += (together.empty() ? "" : ", ") + change.advice;
    }
  }
  std::string advice = "no change of its keys would make it fit";
  if (!alone.empty()) {
    advice = "it would fit with " + alone;
  } else if (plan_memory(model, all).total() <= available) {
    advice = "it would fit with all of " + together;
  } else if (!together.empty()) {
    advice = fmt::format("with all of {} it would still need {}", together,
                         format_bytes(plan_memory(model, all).total()));
  }
  fail(ErrorCode::invalid_argument, "expected a stage that fits {} of memory, got {}, in {}: {}",
       format_bytes(available), format_bytes(wanted), place, advice);
}

int64_t begin_with_plan(const ModelConfig& model, const MemoryDemand& demand,
                        const std::string& stage) {
  const auto available = available_memory(demand.compute.device);
  log_info("{}: plans with {} of memory{}", stage, format_bytes(plan_memory(model, demand).total()),
           available ? ", " + format_bytes(*available) + " available" : "");
  if (available) check_memory(model, demand, *available, "stage " + stage);
  return micro_batch_tokens(model, demand.options);
}

}  // namespace reckon::rl
