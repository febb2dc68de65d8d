#include "policy/transformer.h"

#include "core/error.h"
#include "core/philox.h"
#include "policy/model_config_rope.h"

namespace reckon::policy {
namespace {

// Fills with N(0, deviation), one Philox sequence for each tensor.
void fill_normal(at::Tensor tensor, double deviation, const RandomStream& stream, uint32_t index) {
  RandomSequence draws(stream, 0, index);
  auto values = at::empty(tensor.sizes(), at::TensorOptions().dtype(at::kDouble));
  auto* data = values.data_ptr<double>();
  for (int64_t i = 0; i < values.numel(); ++i) data[i] = draws.next_normal() * deviation;
  tensor.copy_(values);
}

}  // namespace

Transformer::Transformer(const ModelConfig& config, const at::TensorOptions& options)
    : config_(config), options_(options) {
  const auto c = config_.hidden_size, f = config_.intermediate_size, d = config_.head_dim;
  const auto q = config_.num_attention_heads * d;
  const auto make = [&](int64_t rows, int64_t columns, bool bias) {
    Linear linear;
    linear.weight = at::empty({rows, columns}, options_);
    if (bias) linear.bias = at::zeros({rows}, options_);
    return linear;
  };
  embedding_ = at::empty({config_.vocab_size, c}, options_);
  for (int64_t i = 0; i < config_.num_hidden_layers; ++i) {
    TransformerLayer layer;
    layer.input_norm = at::ones({c}, options_);
    layer.qkv = make(config_.qkv_width(), c, config_.attention_bias);
    if (config_.has_qk_norm()) {
      layer.query_norm = at::ones({d}, options_);
      layer.key_norm = at::ones({d}, options_);
    }
    layer.output = make(c, q, config_.attention_output_bias);
    layer.post_attention_norm = at::ones({c}, options_);
    layer.gate_up = make(2 * f, c, config_.mlp_bias);
    layer.down = make(c, f, config_.mlp_bias);
    layers_.push_back(std::move(layer));
  }
  final_norm_ = at::ones({c}, options_);
  if (config_.tie_word_embeddings) {
    head_.weight = embedding_;
  } else {
    head_ = make(config_.vocab_size, c, false);
  }
}

at::Tensor Transformer::forward(const PackedBatch& batch) const {
  const auto shape = attention_shape();
  const double eps = config_.rms_norm_eps;
  int64_t longest = 0;
  const kernels::PackedLayout layout{batch.offsets, batch.prefixes};
  for (int64_t s = 0; s < layout.segments(); ++s) {
    longest = std::max(longest, layout.prefix_length(s) + layout.length(s));
  }
  const RopeTable& rope_table = rope(longest);
  auto x = embed(batch.ids, embedding_);
  for (const TransformerLayer& layer : layers_) {
    auto qkv = project(rms_norm(x, layer.input_norm, eps), layer.qkv);
    if (layer.query_norm.defined()) {
      qkv = qk_norm(qkv, layer.query_norm, layer.key_norm, shape, eps);
    }
    x = project(rope_attention(qkv, rope_table, shape, batch.offsets, batch.prefixes), layer.output,
                x);
    const auto gate_up = project(rms_norm(x, layer.post_attention_norm, eps), layer.gate_up);
    x = project(swiglu(gate_up), layer.down, x);
  }
  return rms_norm(x, final_norm_, eps);
}

std::vector<Linear*> Transformer::linears() {
  std::vector<Linear*> all;
  for (TransformerLayer& layer : layers_) {
    for (Linear* linear : {&layer.qkv, &layer.output, &layer.gate_up, &layer.down}) {
      all.push_back(linear);
    }
  }
  all.push_back(&head_);
  return all;
}

void Transformer::set_storage(kernels::Storage storage) {
  for (Linear* linear : linears()) linear->storage = storage;
  repack();
}

void Transformer::repack() {
  for (Linear* linear : linears()) linear->repack();
}

std::vector<at::Tensor> Transformer::parameters() const {
  std::vector<at::Tensor> all{embedding_};
  const auto add = [&](const at::Tensor& tensor) {
    if (tensor.defined()) all.push_back(tensor);
  };
  for (const TransformerLayer& layer : layers_) {
    add(layer.input_norm);
    for (const Linear* linear : {&layer.qkv, &layer.output, &layer.gate_up, &layer.down}) {
      add(linear->weight);
      add(linear->bias);
    }
    add(layer.query_norm);
    add(layer.key_norm);
    add(layer.post_attention_norm);
  }
  add(final_norm_);
  if (!config_.tie_word_embeddings) add(head_.weight);
  return all;
}

void Transformer::requires_grad(bool enabled) {
  for (auto& parameter : parameters()) parameter.requires_grad_(enabled);
  repack();
}

std::vector<std::pair<std::string, at::Tensor>> Transformer::named_views() const {
  std::vector<std::pair<std::string, at::Tensor>> out;
  const int64_t q = config_.num_attention_heads * config_.head_dim;
  const int64_t k = config_.num_key_value_heads * config_.head_dim;
  const auto add = [&](const std::string& name, const at::Tensor& tensor) {
    if (tensor.defined()) out.emplace_back(name, tensor.detach());
  };
  // Splits the rows of a fused projection into its named parts.
  const auto split = [&](const std::string& prefix, const Linear& fused,
                         std::vector<std::pair<const char*, int64_t>> parts) {
    int64_t row = 0;
    for (const auto& [name, rows] : parts) {
      add(prefix + name + ".weight", fused.weight.narrow(0, row, rows));
      if (fused.bias.defined()) add(prefix + name + ".bias", fused.bias.narrow(0, row, rows));
      row += rows;
    }
  };
  add("model.embed_tokens.weight", embedding_);
  for (size_t i = 0; i < layers_.size(); ++i) {
    const TransformerLayer& layer = layers_[i];
    const std::string base = fmt::format("model.layers.{}.", i);
    const int64_t f = config_.intermediate_size;
    add(base + "input_layernorm.weight", layer.input_norm);
    split(base + "self_attn.", layer.qkv, {{"q_proj", q}, {"k_proj", k}, {"v_proj", k}});
    add(base + "self_attn.q_norm.weight", layer.query_norm);
    add(base + "self_attn.k_norm.weight", layer.key_norm);
    split(base + "self_attn.", layer.output, {{"o_proj", config_.hidden_size}});
    add(base + "post_attention_layernorm.weight", layer.post_attention_norm);
    split(base + "mlp.", layer.gate_up, {{"gate_proj", f}, {"up_proj", f}});
    split(base + "mlp.", layer.down, {{"down_proj", config_.hidden_size}});
  }
  add("model.norm.weight", final_norm_);
  if (!config_.tie_word_embeddings) add("lm_head.weight", head_.weight);
  return out;
}

void Transformer::copy_from(const Transformer& other) {
  const at::NoGradGuard no_grad;
  auto to = parameters();
  const auto from = other.parameters();
  check(to.size() == from.size(), ErrorCode::internal,
        "expected models of one configuration, got {} and {} tensors", to.size(), from.size());
  for (size_t i = 0; i < to.size(); ++i) to[i].copy_(from[i]);
  repack();
}

const RopeTable& Transformer::rope(int64_t positions) const {
  const int64_t have = rope_.cosine.defined() ? rope_.cosine.size(0) : 0;
  if (have < positions) {
    const int64_t rows = std::max<int64_t>({positions, 2 * have, 256});
    rope_ = make_rope_table(
        rows, rope_frequencies(config_.head_dim, config_.rope_theta, config_.rope_scaling),
        config_.rope_scaling.attention_factor, options_);
  }
  return rope_;
}

void initialize(Transformer& model, uint64_t seed, uint32_t stage) {
  const at::NoGradGuard no_grad;
  const RandomStream stream({seed, stage, Purpose::init, 0});
  const double residual = 1.0 / std::sqrt(2.0 * static_cast<double>(model.layers().size()));
  uint32_t index = 0;
  const auto fill = [&](const at::Tensor& weight, double scale) {
    const double fan_in = static_cast<double>(weight.size(1));
    fill_normal(weight, scale / std::sqrt(fan_in), stream, index++);
  };
  fill_normal(model.embedding(), model.config().initializer_range, stream, index++);
  for (const TransformerLayer& layer : model.layers()) {
    fill(layer.qkv.weight, 1.0);
    fill(layer.output.weight, residual);
    fill(layer.gate_up.weight, 1.0);
    fill(layer.down.weight, residual);
    for (at::Tensor norm : {layer.input_norm, layer.post_attention_norm}) norm.fill_(1.0);
    for (at::Tensor norm : {layer.query_norm, layer.key_norm}) {
      if (norm.defined()) norm.fill_(1.0);
    }
    for (const Linear* linear : {&layer.qkv, &layer.output, &layer.gate_up, &layer.down}) {
      if (linear->bias.defined()) at::Tensor(linear->bias).zero_();
    }
  }
  at::Tensor(model.final_norm()).fill_(1.0);
  if (!model.config().tie_word_embeddings) fill(model.head().weight, 0.5);
  model.repack();
}

}  // namespace reckon::policy
