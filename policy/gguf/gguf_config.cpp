#include "policy/gguf/gguf_config.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "policy/gguf/gguf_keys.h"
#include "policy/gguf/gguf_rope.h"
#include "policy/gguf/gguf_vocabulary.h"

namespace reckon::policy {
namespace {

constexpr std::int64_t kMost = std::int64_t{1} << 30;  // the bounds of the model are checked later

struct NamedArchitecture {
  const char* name;
  Architecture architecture;
};

constexpr std::array<NamedArchitecture, 3> kArchitectures = {{{"llama", Architecture::llama},
                                                              {"qwen2", Architecture::qwen2},
                                                              {"qwen3", Architecture::qwen3}}};

// Keys below `ARCH.` that are read, or that say nothing about the computation. Any other is
// refused.
constexpr std::array kKnownKeys = {"vocab_size",
                                   "context_length",
                                   "embedding_length",
                                   "block_count",
                                   "feed_forward_length",
                                   "attention.head_count",
                                   "attention.head_count_kv",
                                   "attention.key_length",
                                   "attention.value_length",
                                   "attention.layer_norm_rms_epsilon",
                                   "attention.causal",
                                   "attention.sliding_window",
                                   "rope.dimension_count",
                                   "rope.freq_base",
                                   "rope.scale_linear",
                                   "rope.scaling.type",
                                   "rope.scaling.factor",
                                   "rope.scaling.original_context_length",
                                   "rope.scaling.finetuned",
                                   "rope.scaling.attn_factor",
                                   "rope.scaling.yarn_attn_factor",
                                   "rope.scaling.yarn_beta_fast",
                                   "rope.scaling.yarn_beta_slow",
                                   "rope.scaling.yarn_ext_factor",
                                   "rope.scaling.yarn_log_multiplier",
                                   "use_parallel_residual",
                                   "tensor_data_layout",
                                   "expert_count",
                                   "expert_used_count"};

const NamedArchitecture& read_architecture(const GgufKeys& keys) {
  const std::string_view name = keys.text("general.architecture").value_or("");
  for (const NamedArchitecture& entry : kArchitectures) {
    if (name == entry.name) return entry;
  }
  fail(ErrorCode::unsupported, "expected llama, qwen2 or qwen3, got {}, in {}",
       json_summary(nlohmann::json(name)), keys.place("general.architecture"));
}

void refuse_unknown_keys(const GgufKeys& keys, const std::string& prefix) {
  for (const auto& [key, value] : keys.file().metadata()) {
    if (!key.starts_with(prefix)) continue;
    const std::string_view rest = key.substr(prefix.size());
    const bool known = std::find(kKnownKeys.begin(), kKnownKeys.end(), rest) != kKnownKeys.end();
    check(known, ErrorCode::unsupported,
          "expected only keys that this program knows, got one that may change the mathematics, in "
          "{}",
          known ? "" : keys.place(json_summary(nlohmann::json(key))));
  }
}

// Keys whose other values are another computation.
void refuse_what_changes_the_mathematics(const GgufKeys& keys, const std::string& prefix,
                                         const ModelConfig& config) {
  for (const char* key : {"expert_count", "expert_used_count"}) {
    const auto experts = keys.integer(prefix + key, 0, kMost);
    check(experts.value_or(0) == 0, ErrorCode::unsupported,
          "expected a dense model, got {} experts, in {}", experts.value_or(0),
          keys.place(prefix + key));
  }
  check(keys.boolean(prefix + "attention.causal").value_or(true), ErrorCode::unsupported,
        "expected causal attention, got false, in {}", keys.place(prefix + "attention.causal"));
  check(!keys.boolean(prefix + "use_parallel_residual").value_or(false), ErrorCode::unsupported,
        "expected false, got true, in {}", keys.place(prefix + "use_parallel_residual"));
  const auto window = keys.integer(prefix + "attention.sliding_window", 0, kMost).value_or(0);
  check(window == 0 || window >= config.max_position_embeddings, ErrorCode::unsupported,
        "expected full attention, got a window of {} tokens, in {}", window,
        keys.place(prefix + "attention.sliding_window"));
  // The one layout in use, in which the rows of q and k are interleaved.
  const auto layout = keys.text(prefix + "tensor_data_layout").value_or("Meta AI original pth");
  check(layout == "Meta AI original pth", ErrorCode::unsupported,
        "expected \"Meta AI original pth\", got {}, in {}", layout.substr(0, 60),
        keys.place(prefix + "tensor_data_layout"));
}

// A number that some writers repeat for each layer.
std::int64_t same_in_all_layers(const GgufKeys& keys, const std::string& key,
                                std::optional<std::int64_t> fallback) {
  const GgufValue* value = keys.file().find(key);
  if (value == nullptr && fallback) return *fallback;
  if (value == nullptr || !std::holds_alternative<GgufArray>(*value)) {
    return keys.required_integer(key, 1, kMost);
  }
  const auto numbers = keys.integers(key).value_or(std::vector<std::int64_t>{});
  const bool same = !numbers.empty() && std::all_of(numbers.begin(), numbers.end(),
                                                    [&](auto n) { return n == numbers.front(); });
  check(same && numbers.front() > 0 && numbers.front() <= kMost, ErrorCode::unsupported,
        "expected one positive number for all layers, got others, in {}", keys.place(key));
  return numbers.front();
}

void read_heads(const GgufKeys& keys, const std::string& prefix, ModelConfig& c) {
  c.num_attention_heads = same_in_all_layers(keys, prefix + "attention.head_count", {});
  c.num_key_value_heads =
      same_in_all_layers(keys, prefix + "attention.head_count_kv", c.num_attention_heads);
  c.head_dim = keys.integer(prefix + "attention.key_length", 1, kMost)
                   .value_or(c.hidden_size / c.num_attention_heads);
  for (const char* key : {"attention.value_length", "rope.dimension_count"}) {
    const auto size = keys.integer(prefix + key, 1, kMost).value_or(c.head_dim);
    check(size == c.head_dim, ErrorCode::unsupported, "expected the head size {}, got {}, in {}",
          c.head_dim, size, keys.place(prefix + key));
  }
}

void read_special_ids(const GgufKeys& keys, ModelConfig& c) {
  const auto id = [&](const std::string& key) {
    const auto most = std::numeric_limits<std::uint32_t>::max();
    const auto number = keys.integer(key, 0, most);
    // Some writers put the largest number for "none".
    return number && *number == most ? std::nullopt : number;
  };
  c.bos_token_id = id(kBosKey);
  c.pad_token_id = id(kPadKey);
  if (const auto all = keys.integers(kEosIdsKey)) {
    c.eos_token_ids = *all;
    return;
  }
  for (const char* key : {kEosKey, kEotKey, kEomKey}) {
    const auto end = id(key);
    const bool known = end && std::count(c.eos_token_ids.begin(), c.eos_token_ids.end(), *end) > 0;
    if (end && !known) c.eos_token_ids.push_back(*end);
  }
}

void read_from_tensors(const GgufKeys& keys, ModelConfig& c) {
  const GgufFile& file = keys.file();
  const auto has = [&](const char* name) { return file.find_tensor(name) != nullptr; };
  const GgufTensor* embedding = file.find_tensor("token_embd.weight");
  check(embedding != nullptr && embedding->shape.size() == 2, ErrorCode::corrupt,
        "expected a tensor of two sizes, got none, in {}", keys.place("token_embd.weight"));
  c.vocab_size = embedding->shape.front();
  c.tie_word_embeddings = !has("output.weight");
  c.attention_bias = has("blk.0.attn_q.bias");
  c.attention_output_bias = has("blk.0.attn_output.bias");
  c.mlp_bias = has("blk.0.ffn_gate.bias");
}

}  // namespace

std::string gguf_architecture(Architecture architecture) {
  return kArchitectures[static_cast<std::size_t>(architecture)].name;
}

ModelConfig read_gguf_config(const GgufFile& file) {
  const GgufKeys keys(file);
  const NamedArchitecture& architecture = read_architecture(keys);
  const std::string prefix = std::string(architecture.name) + ".";
  refuse_unknown_keys(keys, prefix);
  ModelConfig c;
  c.architecture = architecture.architecture;
  read_from_tensors(keys, c);
  c.hidden_size = keys.required_integer(prefix + "embedding_length", 1, kMost);
  c.intermediate_size = same_in_all_layers(keys, prefix + "feed_forward_length", {});
  // Each layer has several tensors: a number that the file cannot hold is refused at once.
  c.num_hidden_layers = keys.required_integer(prefix + "block_count", 1,
                                              static_cast<std::int64_t>(file.names().size()));
  c.max_position_embeddings = keys.required_integer(prefix + "context_length", 1, kMost);
  read_heads(keys, prefix, c);
  const std::string epsilon = prefix + "attention.layer_norm_rms_epsilon";
  check(keys.has(epsilon), ErrorCode::corrupt, "expected a number, got no such key, in {}",
        keys.place(epsilon));
  c.rms_norm_eps = keys.positive(epsilon, 1e-5);
  c.rope_theta = keys.positive(prefix + "rope.freq_base", 10000.0);
  refuse_what_changes_the_mathematics(keys, prefix, c);
  read_special_ids(keys, c);
  // Checks the bounds; scaling comes after it, since it needs a good head size.
  c = parse_model_config(write_model_config(c), file.file_name());
  c.rope_scaling = read_gguf_rope(keys, architecture.name, c);
  return parse_model_config(write_model_config(c), file.file_name());
}

}  // namespace reckon::policy
