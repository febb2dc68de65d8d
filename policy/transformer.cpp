#include "policy/transformer.h"

#include "core/error.h"
#include "core/philox.h"
#include "policy/model_config_rope.h"
#include "policy/recompute.h"

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

// All tensors that a layer reads, undefined ones too.
std::vector<at::Tensor> layer_parameters(const TransformerLayer& layer) {
  std::vector<at::Tensor> all = {layer.input_norm, layer.query_norm, layer.key_norm,
                                 layer.post_attention_norm};
  for (const Linear* linear : {&layer.qkv, &layer.output, &layer.gate_up, &layer.down}) {
    all.push_back(linear->weight);
    all.push_back(linear->bias);
    for (const LowRankPart& part : linear->adapters) {
      all.push_back(part.a);
      all.push_back(part.b);
    }
  }
  return all;
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
  int64_t longest = 0;
  const kernels::PackedLayout layout{batch.offsets, batch.prefixes};
  for (int64_t s = 0; s < layout.segments(); ++s) {
    longest = std::max(longest, layout.prefix_length(s) + layout.length(s));
  }
  const RopeTable& rope_table = rope(longest);
  const bool recomputes = recomputes_ && at::GradMode::is_enabled();
  auto x = embed(batch.ids, embedding_);
  for (const TransformerLayer& layer : layers_) {
    if (!recomputes) {
      x = layer_forward(layer, x, batch, rope_table);
      continue;
    }
    x = recompute(x, layer_parameters(layer), [this, &layer, batch, rope_table](const auto& in) {
      return layer_forward(layer, in, batch, rope_table);
    });
  }
  return rms_norm(x, final_norm_, config_.rms_norm_eps);
}

at::Tensor Transformer::layer_forward(const TransformerLayer& layer, const at::Tensor& x,
                                      const PackedBatch& batch, const RopeTable& rope_table) const {
  const auto shape = attention_shape();
  const double eps = config_.rms_norm_eps;
  auto qkv = project(rms_norm(x, layer.input_norm, eps), layer.qkv);
  if (layer.query_norm.defined()) {
    qkv = qk_norm(qkv, layer.query_norm, layer.key_norm, shape, eps);
  }
  const auto heads = rope_attention(qkv, rope_table, shape, batch.offsets, batch.prefixes);
  const auto middle = project(heads, layer.output, x);
  const auto gate_up = project(rms_norm(middle, layer.post_attention_norm, eps), layer.gate_up);
  return project(swiglu(gate_up), layer.down, middle);
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
  for (const TransformerLayer& layer : layers_) {
    all.push_back(layer.input_norm);
    for (const Linear* linear : {&layer.qkv, &layer.output, &layer.gate_up, &layer.down}) {
      all.push_back(linear->weight);
      all.push_back(linear->bias);
    }
    for (const auto& norm : {layer.query_norm, layer.key_norm, layer.post_attention_norm}) {
      all.push_back(norm);
    }
  }
  all.push_back(final_norm_);
  if (!config_.tie_word_embeddings) all.push_back(head_.weight);
  std::erase_if(all, [](const at::Tensor& tensor) { return !tensor.defined(); });
  return all;
}

void Transformer::requires_grad(bool enabled) {
  for (auto& parameter : parameters()) parameter.requires_grad_(enabled && !lora_);
  for (auto& parameter : trainable_parameters()) parameter.requires_grad_(enabled);
  repack();
}

std::vector<LinearPart> linear_parts(const ModelConfig& config) {
  using Layer = TransformerLayer;
  const int64_t q = config.num_attention_heads * config.head_dim;
  const int64_t k = config.num_key_value_heads * config.head_dim;
  const int64_t f = config.intermediate_size, c = config.hidden_size;
  return {{"self_attn.q_proj", &Layer::qkv, 0, q},     {"self_attn.k_proj", &Layer::qkv, q, k},
          {"self_attn.v_proj", &Layer::qkv, q + k, k}, {"self_attn.o_proj", &Layer::output, 0, c},
          {"mlp.gate_proj", &Layer::gate_up, 0, f},    {"mlp.up_proj", &Layer::gate_up, f, f},
          {"mlp.down_proj", &Layer::down, 0, c}};
}

std::vector<std::pair<std::string, at::Tensor>> Transformer::named_views() const {
  std::vector<std::pair<std::string, at::Tensor>> out;
  const auto add = [&](const std::string& name, const at::Tensor& tensor) {
    if (tensor.defined()) out.emplace_back(name, tensor.detach());
  };
  const auto parts = linear_parts(config_);
  // Splits the rows of a fused projection into its named parts.
  const auto split = [&](const std::string& base, const TransformerLayer& layer,
                         Linear TransformerLayer::*fused) {
    for (const LinearPart& part : parts) {
      if (part.fused != fused) continue;
      const Linear& linear = layer.*fused;
      const std::string name = base + part.name;
      add(name + ".weight", linear.weight.narrow(0, part.first_row, part.rows));
      if (!linear.bias.defined()) continue;
      add(name + ".bias", linear.bias.narrow(0, part.first_row, part.rows));
    }
  };
  add("model.embed_tokens.weight", embedding_);
  for (size_t i = 0; i < layers_.size(); ++i) {
    const TransformerLayer& layer = layers_[i];
    const std::string base = fmt::format("model.layers.{}.", i);
    add(base + "input_layernorm.weight", layer.input_norm);
    split(base, layer, &TransformerLayer::qkv);
    add(base + "self_attn.q_norm.weight", layer.query_norm);
    add(base + "self_attn.k_norm.weight", layer.key_norm);
    split(base, layer, &TransformerLayer::output);
    add(base + "post_attention_layernorm.weight", layer.post_attention_norm);
    split(base, layer, &TransformerLayer::gate_up);
    split(base, layer, &TransformerLayer::down);
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
