#include "policy/gguf/gguf_tensors.h"

#include <fmt/format.h>

namespace reckon::policy {
namespace {

// Collects the tensors of one layer.
class Layer {
 public:
  Layer(std::vector<ModelTensor>& tensors, std::int64_t index)
      : tensors_(tensors),
        hf_(fmt::format("model.layers.{}.", index)),
        gguf_(fmt::format("blk.{}.", index)) {}

  void norm(const std::string& hf, const std::string& gguf, std::int64_t size) {
    tensors_.push_back({hf_ + hf + ".weight", gguf_ + gguf + ".weight", {size}});
  }

  void linear(const std::string& hf, const std::string& gguf, std::int64_t rows,
              std::int64_t columns, bool bias, std::int64_t rotary_heads = 0) {
    tensors_.push_back(
        {hf_ + hf + ".weight", gguf_ + gguf + ".weight", {rows, columns}, rotary_heads});
    if (bias) {
      tensors_.push_back({hf_ + hf + ".bias", gguf_ + gguf + ".bias", {rows}, rotary_heads});
    }
  }

 private:
  std::vector<ModelTensor>& tensors_;
  std::string hf_;
  std::string gguf_;
};

void add_layer(const ModelConfig& c, Layer layer) {
  const std::int64_t queries = c.num_attention_heads * c.head_dim;
  const std::int64_t keys = c.num_key_value_heads * c.head_dim;
  const bool interleaved = c.architecture == Architecture::llama;
  layer.norm("input_layernorm", "attn_norm", c.hidden_size);
  layer.linear("self_attn.q_proj", "attn_q", queries, c.hidden_size, c.attention_bias,
               interleaved ? c.num_attention_heads : 0);
  layer.linear("self_attn.k_proj", "attn_k", keys, c.hidden_size, c.attention_bias,
               interleaved ? c.num_key_value_heads : 0);
  layer.linear("self_attn.v_proj", "attn_v", keys, c.hidden_size, c.attention_bias);
  layer.linear("self_attn.o_proj", "attn_output", c.hidden_size, queries, c.attention_output_bias);
  if (c.has_qk_norm()) {
    layer.norm("self_attn.q_norm", "attn_q_norm", c.head_dim);
    layer.norm("self_attn.k_norm", "attn_k_norm", c.head_dim);
  }
  layer.norm("post_attention_layernorm", "ffn_norm", c.hidden_size);
  layer.linear("mlp.gate_proj", "ffn_gate", c.intermediate_size, c.hidden_size, c.mlp_bias);
  layer.linear("mlp.up_proj", "ffn_up", c.intermediate_size, c.hidden_size, c.mlp_bias);
  layer.linear("mlp.down_proj", "ffn_down", c.hidden_size, c.intermediate_size, c.mlp_bias);
}

}  // namespace

std::vector<ModelTensor> model_tensors(const ModelConfig& c) {
  std::vector<ModelTensor> tensors;
  tensors.push_back(
      {"model.embed_tokens.weight", "token_embd.weight", {c.vocab_size, c.hidden_size}});
  for (std::int64_t i = 0; i < c.num_hidden_layers; ++i) add_layer(c, Layer(tensors, i));
  tensors.push_back({"model.norm.weight", "output_norm.weight", {c.hidden_size}});
  if (!c.tie_word_embeddings) {
    tensors.push_back({"lm_head.weight", "output.weight", {c.vocab_size, c.hidden_size}});
  }
  return tensors;
}

std::int64_t gguf_row(const ModelTensor& tensor, std::int64_t row) {
  if (tensor.rotary_heads == 0) return row;
  const std::int64_t size = tensor.shape.front() / tensor.rotary_heads;
  const std::int64_t head = row / size;
  const std::int64_t half = row % size / (size / 2);
  const std::int64_t index = row % (size / 2);
  return head * size + 2 * index + half;
}

}  // namespace reckon::policy
