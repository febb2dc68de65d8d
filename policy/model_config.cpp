#include "policy/model_config.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "policy/model_config_members.h"
#include "policy/model_config_rope.h"

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

const Family& read_family(const ConfigMembers& members, const std::string& file) {
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

// Known keys that leave the mathematics of these families alone, beside those that are read.
constexpr std::array kHarmless{"_name_or_path",
                               "architectures",
                               "model_type",
                               "transformers_version",
                               "dtype",
                               "torch_dtype",
                               "use_cache",
                               "attention_dropout",
                               "pretraining_tp",
                               "is_llama_config",
                               "max_window_layers",
                               "sliding_window",
                               "chunk_size_feed_forward",
                               "return_dict",
                               "unsloth_fixed",
                               "max_length",
                               "id2label",
                               "label2id",
                               "num_labels",
                               "min_length",
                               "output_attentions",
                               "temperature",
                               "top_p",
                               "top_k",
                               "do_sample",
                               "repetition_penalty",
                               "attention_probs_dropout_prob",
                               "sep_token_id",
                               "decoder_start_token_id",
                               "tokenizer_class",
                               "unk_token_id",
                               "cls_token_id",
                               "model_max_length",
                               "residual_dropout",
                               "resid_pdrop",
                               "embd_pdrop",
                               "hidden_dropout",
                               "use_return_dict",
                               "vision_token_id",
                               "remove_invalid_values",
                               "num_beams",
                               "length_penalty",
                               "rope_theta"};

constexpr std::array kRead{"vocab_size",
                           "hidden_size",
                           "intermediate_size",
                           "num_hidden_layers",
                           "num_attention_heads",
                           "num_key_value_heads",
                           "head_dim",
                           "hidden_act",
                           "max_position_embeddings",
                           "rms_norm_eps",
                           "rope_scaling",
                           "rope_parameters",
                           "tie_word_embeddings",
                           "attention_bias",
                           "mlp_bias",
                           "initializer_range",
                           "eos_token_id",
                           "bos_token_id",
                           "pad_token_id",
                           "use_sliding_window",
                           "layer_types",
                           "partial_rotary_factor"};

template <class List>
bool contains(const List& list, const std::string& key) {
  return std::find(list.begin(), list.end(), key) != list.end();
}

// A key of nobody's knowledge with a number or `true` may stand for another computation (a scale, a
// cap, a window); texts, null, false and descriptions in objects do not.
bool may_change_the_mathematics(const json& value) {
  if (value.is_array()) {
    return std::any_of(value.begin(), value.end(), [](const json& v) { return v.is_number(); });
  }
  return value.is_number() || value == true;
}

void refuse_unknown_keys(const ConfigMembers& members) {
  for (const auto& [key, value] : members.object().items()) {
    if (contains(kHarmless, key) || contains(kRead, key)) continue;
    check(!may_change_the_mathematics(value), ErrorCode::unsupported,
          "expected only keys that this program knows, got {}: {}, which may change the "
          "mathematics, in {}",
          key, json_summary(value), members.place());
  }
}

// Keys whose other values are another computation: refused rather than ignored.
void refuse_what_changes_the_mathematics(const ConfigMembers& members, const std::string& file) {
  for (const char* key : {"quantization_config", "num_experts", "num_local_experts"}) {
    const json* value = members.find(key);
    if (value == nullptr) continue;
    fail(ErrorCode::unsupported, "expected a dense model without {}, got {}, in {}/{}", key,
         json_summary(*value), file, key);
  }
  if (const json* act = members.find("hidden_act")) {
    check(*act == "silu", ErrorCode::unsupported, "expected \"silu\", got {}, in {}/hidden_act",
          json_summary(*act), file);
  }
  check(!members.boolean("use_sliding_window", false), ErrorCode::unsupported,
        "expected full attention, got a sliding window, in {}/use_sliding_window", file);
  if (const json* types = members.find("layer_types")) {
    const bool full =
        types->is_array() && std::all_of(types->begin(), types->end(),
                                         [](const json& type) { return type == "full_attention"; });
    check(full, ErrorCode::unsupported, "expected full attention in every layer, got {}, in {}",
          json_summary(*types), file + "/layer_types");
  }
  check(members.positive("partial_rotary_factor", 1.0) == 1.0, ErrorCode::unsupported,
        "expected 1, got another number, in {}/partial_rotary_factor", file);
  refuse_unknown_keys(members);
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
  const ConfigMembers members(object, file);
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
  read_rope(members, c);
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
  if (c.rope_scaling.kind != RopeScaling::Kind::none) {
    out["rope_scaling"] = write_rope_scaling(c.rope_scaling);
  }
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
  constexpr std::array<Preset, 4> kPresets{{
      {"tiny-smoke", 32, 2, 2, 1, 64},
      {"tiny-0.2m", 64, 3, 4, 2, 176},
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
