#include "policy/model_config.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/json.h"

namespace reckon::policy {
namespace {

using nlohmann::json;

constexpr int64_t kWide = 1 << 20;  // no row of activations is longer

struct Family {
  Architecture architecture;
  const char* class_name;
  const char* model_type;
};

constexpr std::array<Family, 3> kFamilies{{
    {Architecture::llama, "LlamaForCausalLM", "llama"},
    {Architecture::qwen2, "Qwen2ForCausalLM", "qwen2"},
    {Architecture::qwen3, "Qwen3ForCausalLM", "qwen3"},
}};

// Reads typed members of one config.json, with messages that name file and key.
class Members {
 public:
  Members(const json& object, const std::string& file) : object_(object), file_(file) {
    check(object.is_object(), ErrorCode::corrupt, "expected a JSON object, got {}, in {}",
          json_summary(object), file);
  }

  const json* find(const char* key) const {
    const auto it = object_.find(key);
    return it == object_.end() || it->is_null() ? nullptr : &*it;
  }

  // A whole number in [low, high]; `fallback` where the key is absent, an error if there is none.
  int64_t integer(const char* key, int64_t low, int64_t high,
                  std::optional<int64_t> fallback = {}) const {
    const json* value = find(key);
    if (value == nullptr) {
      check(fallback.has_value(), ErrorCode::corrupt, "expected the key {}, got none, in {}", key,
            file_);
      return *fallback;
    }
    check(value->is_number_integer() && *value >= low && *value <= high, ErrorCode::corrupt,
          "expected a whole number from {} to {}, got {}, in {}/{}", low, high,
          json_summary(*value), file_, key);
    return value->get<int64_t>();
  }

  double positive(const char* key, double fallback) const {
    const json* value = find(key);
    if (value == nullptr) return fallback;
    check(value->is_number() && *value > 0.0 && *value < 1e12, ErrorCode::corrupt,
          "expected a positive number, got {}, in {}/{}", json_summary(*value), file_, key);
    return value->get<double>();
  }

  bool boolean(const char* key, bool fallback) const {
    const json* value = find(key);
    if (value == nullptr) return fallback;
    check(value->is_boolean(), ErrorCode::corrupt, "expected true or false, got {}, in {}/{}",
          json_summary(*value), file_, key);
    return value->get<bool>();
  }

  std::vector<int64_t> ids(const char* key) const {
    const json* value = find(key);
    if (value == nullptr) return {};
    const json list = value->is_array() ? *value : json::array({*value});
    std::vector<int64_t> result;
    for (const json& id : list) {
      check(id.is_number_integer() && id >= 0 && id <= INT32_MAX, ErrorCode::corrupt,
            "expected token ids, got {}, in {}/{}", json_summary(id), file_, key);
      result.push_back(id.get<int64_t>());
    }
    return result;
  }

 private:
  const json& object_;
  std::string file_;  // a copy: callers pass names that they build on the spot
};

const Family& read_family(const Members& members, const std::string& file) {
  std::string name;
  if (const json* list = members.find("architectures");
      list != nullptr && list->is_array() && !list->empty() && list->front().is_string()) {
    name = list->front().get<std::string>();
  }
  std::string type;
  if (const json* value = members.find("model_type"); value != nullptr && value->is_string()) {
    type = value->get<std::string>();
  }
  for (const Family& family : kFamilies) {
    if (name == family.class_name || (name.empty() && type == family.model_type)) return family;
  }
  fail(ErrorCode::unsupported,
       "expected LlamaForCausalLM, Qwen2ForCausalLM or Qwen3ForCausalLM, got \"{}\", in "
       "{}/architectures",
       name.empty() ? type : name, file);
}

// The kind of rotary positions is `rope_type`; before that key there was `type`.
void refuse_rope_scaling(const Members& rope, const std::string& place) {
  const json* type = rope.find("rope_type");
  if (type == nullptr) type = rope.find("type");
  if (type == nullptr) return;
  check(*type == "default", ErrorCode::unsupported, "expected no RoPE scaling, got {}, in {}",
        json_summary(*type), place);
}

// Keys whose other values are another computation: refused rather than ignored.
void refuse_what_changes_the_mathematics(const Members& members, const std::string& file) {
  if (const json* act = members.find("hidden_act")) {
    check(*act == "silu", ErrorCode::unsupported, "expected \"silu\", got {}, in {}/hidden_act",
          json_summary(*act), file);
  }
  if (const json* scaling = members.find("rope_scaling")) {
    check(scaling->is_object(), ErrorCode::unsupported,
          "expected no RoPE scaling, got {}, in {}/rope_scaling", json_summary(*scaling), file);
    refuse_rope_scaling(Members(*scaling, file + "/rope_scaling"), file + "/rope_scaling");
  }
  check(!members.boolean("use_sliding_window", false), ErrorCode::unsupported,
        "expected full attention, got a sliding window, in {}/use_sliding_window", file);
  for (const char* key : {"quantization_config", "num_experts", "num_local_experts"}) {
    check(members.find(key) == nullptr, ErrorCode::unsupported,
          "expected a dense model without {}, got {}, in {}/{}", key,
          members.find(key) == nullptr ? "" : json_summary(*members.find(key)), file, key);
  }
}

// Newer configurations keep theta inside `rope_parameters`.
double read_rope_theta(const Members& members, const std::string& file) {
  const json* parameters = members.find("rope_parameters");
  if (parameters == nullptr) return members.positive("rope_theta", 10000.0);
  const Members inner(*parameters, file + "/rope_parameters");
  refuse_rope_scaling(inner, file + "/rope_parameters");
  return inner.positive("rope_theta", members.positive("rope_theta", 10000.0));
}

void check_shapes(const ModelConfig& c, const std::string& file) {
  // First, because the number of parameters must not overflow below.
  check(c.num_attention_heads * c.head_dim <= kWide, ErrorCode::corrupt,
        "expected num_attention_heads times head_dim to be at most {}, got {} and {}, in {}", kWide,
        c.num_attention_heads, c.head_dim, file);
  check(
      c.num_attention_heads % c.num_key_value_heads == 0, ErrorCode::corrupt,
      "expected num_attention_heads to be a multiple of num_key_value_heads, got {} and {}, in {}",
      c.num_attention_heads, c.num_key_value_heads, file);
  check(c.head_dim % 2 == 0, ErrorCode::corrupt, "expected an even head_dim, got {}, in {}",
        c.head_dim, file);
  check(c.num_parameters() <= int64_t{1} << 38, ErrorCode::corrupt,
        "expected at most 2^38 parameters, got {}, in {}", c.num_parameters(), file);
}

}  // namespace

int64_t ModelConfig::num_parameters() const {
  const int64_t q = num_attention_heads * head_dim;
  int64_t layer = hidden_size * qkv_width() + q * hidden_size +
                  3 * hidden_size * intermediate_size + 2 * hidden_size;
  if (attention_bias) layer += qkv_width();
  if (attention_output_bias) layer += hidden_size;
  if (mlp_bias) layer += 2 * intermediate_size + hidden_size;
  if (has_qk_norm()) layer += 2 * head_dim;
  const int64_t embeddings = vocab_size * hidden_size * (tie_word_embeddings ? 1 : 2);
  return num_hidden_layers * layer + embeddings + hidden_size;
}

ModelConfig parse_model_config(const json& object, const std::string& file) {
  const Members members(object, file);
  const Family& family = read_family(members, file);
  refuse_what_changes_the_mathematics(members, file);
  ModelConfig c;
  c.architecture = family.architecture;
  c.vocab_size = members.integer("vocab_size", 1, int64_t{1} << 24);
  c.hidden_size = members.integer("hidden_size", 1, kWide);
  c.intermediate_size = members.integer("intermediate_size", 1, kWide);
  c.num_hidden_layers = members.integer("num_hidden_layers", 1, 10000);
  c.num_attention_heads = members.integer("num_attention_heads", 1, 1 << 16);
  c.num_key_value_heads = members.integer("num_key_value_heads", 1, 1 << 16, c.num_attention_heads);
  // The library's default: Qwen3 alone does not derive it.
  const bool fixed_head = family.architecture == Architecture::qwen3;
  c.head_dim = members.integer("head_dim", 2, 1 << 14,
                               fixed_head ? 128 : c.hidden_size / c.num_attention_heads);
  check(c.head_dim >= 2, ErrorCode::corrupt,
        "expected hidden_size to be at least twice num_attention_heads, got {} and {}, in {}",
        c.hidden_size, c.num_attention_heads, file);
  c.max_position_embeddings = members.integer("max_position_embeddings", 1, 1 << 30, 2048);
  c.rms_norm_eps = members.positive("rms_norm_eps", 1e-6);
  c.rope_theta = read_rope_theta(members, file);
  c.tie_word_embeddings = members.boolean("tie_word_embeddings", false);
  // Qwen2 always has a bias on q, k and v; the others say so, and then on the output as well.
  const bool bias = members.boolean("attention_bias", false);
  c.attention_bias = family.architecture == Architecture::qwen2 || bias;
  c.attention_output_bias = family.architecture != Architecture::qwen2 && bias;
  c.mlp_bias = family.architecture == Architecture::llama && members.boolean("mlp_bias", false);
  c.initializer_range = members.positive("initializer_range", 0.02);
  c.eos_token_ids = members.ids("eos_token_id");
  const auto first = [](std::vector<int64_t> ids) -> std::optional<int64_t> {
    return ids.empty() ? std::nullopt : std::optional(ids.front());
  };
  c.bos_token_id = first(members.ids("bos_token_id"));
  c.pad_token_id = first(members.ids("pad_token_id"));
  check_shapes(c, file);
  return c;
}

json write_model_config(const ModelConfig& c) {
  const Family& family = kFamilies[static_cast<size_t>(c.architecture)];
  json out = {{"architectures", {family.class_name}},
              {"model_type", family.model_type},
              {"hidden_act", "silu"},
              {"vocab_size", c.vocab_size},
              {"hidden_size", c.hidden_size},
              {"intermediate_size", c.intermediate_size},
              {"num_hidden_layers", c.num_hidden_layers},
              {"num_attention_heads", c.num_attention_heads},
              {"num_key_value_heads", c.num_key_value_heads},
              {"head_dim", c.head_dim},
              {"max_position_embeddings", c.max_position_embeddings},
              {"rms_norm_eps", c.rms_norm_eps},
              {"rope_theta", c.rope_theta},
              {"tie_word_embeddings", c.tie_word_embeddings},
              {"initializer_range", c.initializer_range},
              {"torch_dtype", "float32"},
              {"use_cache", true}};
  if (c.architecture != Architecture::qwen2) out["attention_bias"] = c.attention_bias;
  if (c.architecture == Architecture::llama) out["mlp_bias"] = c.mlp_bias;
  if (c.eos_token_ids.size() == 1) out["eos_token_id"] = c.eos_token_ids.front();
  if (c.eos_token_ids.size() > 1) out["eos_token_id"] = c.eos_token_ids;
  if (c.bos_token_id) out["bos_token_id"] = *c.bos_token_id;
  if (c.pad_token_id) out["pad_token_id"] = *c.pad_token_id;
  return out;
}

ModelConfig model_preset(const std::string& name, int64_t vocab_size) {
  struct Preset {
    const char* name;
    int64_t width, layers, heads, key_heads, hidden;
  };
  constexpr std::array<Preset, 3> kPresets{{
      {"tiny-smoke", 32, 2, 2, 1, 64},
      {"tiny-0.4m", 96, 4, 4, 2, 256},
      {"tiny-0.8m", 128, 4, 4, 2, 352},
  }};
  std::string known;
  for (const Preset& p : kPresets) {
    known += (known.empty() ? "" : ", ") + std::string(p.name);
    if (name != p.name) continue;
    ModelConfig c;
    c.vocab_size = vocab_size;
    c.hidden_size = p.width;
    c.num_hidden_layers = p.layers;
    c.num_attention_heads = p.heads;
    c.num_key_value_heads = p.key_heads;
    c.head_dim = p.width / p.heads;
    c.intermediate_size = p.hidden;
    return c;
  }
  fail(ErrorCode::invalid_argument, "expected one of the presets {}, got \"{}\", in /model/preset",
       known, name);
}

}  // namespace reckon::policy
