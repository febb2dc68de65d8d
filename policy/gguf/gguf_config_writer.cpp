#include "core/error.h"
#include "policy/gguf/gguf_config.h"
#include "policy/gguf/gguf_metadata_writer.h"
#include "policy/gguf/gguf_rope.h"

namespace reckon::policy {
namespace {

void add_yarn(const std::string& prefix, const RopeScaling& scaling, GgufWriter& writer) {
  check(scaling.truncate, ErrorCode::unsupported,
        "expected a YaRN ramp between whole dimensions, which GGUF knows, got truncate false");
  writer.add_text(prefix + "type", "yarn");
  writer.add_float(prefix + "factor", static_cast<float>(scaling.factor));
  const double usual = default_yarn_attention_factor(scaling.factor);
  const auto relative = static_cast<float>(scaling.attention_factor / usual);
  if (relative != 1.0f) writer.add_float(prefix + "attn_factor", relative);
  if (scaling.beta_fast != 32.0) {
    writer.add_float(prefix + "yarn_beta_fast", static_cast<float>(scaling.beta_fast));
  }
  if (scaling.beta_slow != 1.0) {
    writer.add_float(prefix + "yarn_beta_slow", static_cast<float>(scaling.beta_slow));
  }
}

// The factors of llama3 are a tensor; only the original length is an entry.
void add_rope_scaling(const ModelConfig& config, const std::string& prefix, GgufWriter& writer) {
  const RopeScaling& scaling = config.rope_scaling;
  switch (scaling.kind) {
    case RopeScaling::Kind::none:
      return;
    case RopeScaling::Kind::linear:
      writer.add_text(prefix + "type", "linear");
      writer.add_float(prefix + "factor", static_cast<float>(scaling.factor));
      return;
    case RopeScaling::Kind::yarn:
      add_yarn(prefix, scaling, writer);
      break;
    case RopeScaling::Kind::llama3:
      check(config.architecture == Architecture::llama, ErrorCode::unsupported,
            "expected RoPE scaling llama3 in a model of architecture llama, as GGUF has it, got {}",
            gguf_architecture(config.architecture));
      break;
  }
  writer.add_integer(prefix + "original_context_length",
                     static_cast<std::uint32_t>(scaling.original_max_position_embeddings));
}

}  // namespace

void add_config_metadata(const ModelConfig& c, GgufWriter& writer) {
  const std::string prefix = gguf_architecture(c.architecture) + ".";
  const auto add = [&](const char* key, std::int64_t value) {
    writer.add_integer(prefix + key, static_cast<std::uint32_t>(value));
  };
  add("block_count", c.num_hidden_layers);
  add("context_length", c.max_position_embeddings);
  add("embedding_length", c.hidden_size);
  add("feed_forward_length", c.intermediate_size);
  add("attention.head_count", c.num_attention_heads);
  add("attention.head_count_kv", c.num_key_value_heads);
  if (c.head_dim * c.num_attention_heads != c.hidden_size) {
    add("attention.key_length", c.head_dim);
    add("attention.value_length", c.head_dim);
  }
  writer.add_float(prefix + "attention.layer_norm_rms_epsilon", static_cast<float>(c.rms_norm_eps));
  writer.add_float(prefix + "rope.freq_base", static_cast<float>(c.rope_theta));
  add("rope.dimension_count", c.head_dim);
  add("vocab_size", c.vocab_size);
  add_rope_scaling(c, prefix + "rope.scaling.", writer);
}

}  // namespace reckon::policy
