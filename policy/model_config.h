#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace reckon::policy {

/// The families of decoders that one transformer covers; they differ in configuration only.
enum class Architecture { llama, qwen2, qwen3 };

/// How rotary frequencies are stretched for contexts longer than those of pretraining; kinds and
/// fields are those of `rope_scaling` in a Hugging Face `config.json`.
struct RopeScaling {
  enum class Kind { none, linear, llama3, yarn };
  Kind kind = Kind::none;
  double factor = 1.0;
  double original_max_position_embeddings = 0.0;  ///< llama3, yarn
  double low_freq_factor = 1.0;                   ///< llama3
  double high_freq_factor = 4.0;                  ///< llama3
  double beta_fast = 32.0;                        ///< yarn
  double beta_slow = 1.0;                         ///< yarn
  double attention_factor = 1.0;                  ///< yarn: scales cosines and sines
  bool truncate = true;                           ///< yarn: ramp bounds rounded to whole dimensions
  bool operator==(const RopeScaling&) const = default;
};

/// Shape and constants of a decoder-only transformer, in the terms of a Hugging Face `config.json`.
struct ModelConfig {
  Architecture architecture = Architecture::llama;
  int64_t vocab_size = 0;
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  int64_t num_hidden_layers = 0;
  int64_t num_attention_heads = 0;
  int64_t num_key_value_heads = 0;
  int64_t head_dim = 0;
  int64_t max_position_embeddings = 2048;
  double rms_norm_eps = 1e-5;
  double rope_theta = 10000.0;
  RopeScaling rope_scaling;
  bool tie_word_embeddings = false;
  bool attention_bias = false;         ///< bias of the q, k, v projections
  bool attention_output_bias = false;  ///< bias of the output projection (Llama's attention_bias)
  bool mlp_bias = false;
  double initializer_range = 0.02;
  std::vector<int64_t> eos_token_ids;
  std::optional<int64_t> bos_token_id;
  std::optional<int64_t> pad_token_id;

  /// Width of a fused row of queries, keys and values.
  int64_t qkv_width() const { return (num_attention_heads + 2 * num_key_value_heads) * head_dim; }
  bool has_qk_norm() const { return architecture == Architecture::qwen3; }
  /// Number of parameters, tied ones once.
  int64_t num_parameters() const;
};

/// Reads a `config.json`. `file` names it in messages. Throws `unsupported` for an architecture or
/// a key that would change the mathematics, `corrupt` for wrong types and impossible shapes.
ModelConfig parse_model_config(const nlohmann::json& json, const std::string& file);

/// Writes what `transformers` needs to build the same model.
nlohmann::json write_model_config(const ModelConfig& config);

/// A small model from scratch: `tiny-0.4m` (0.44 M parameters), `tiny-0.2m`, `tiny-0.8m`, `tiny-smoke`. The
/// vocabulary comes from the tokenizer. Throws `invalid_argument` that lists the presets.
ModelConfig model_preset(const std::string& name, int64_t vocab_size);

}  // namespace reckon::policy
