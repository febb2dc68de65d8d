#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "policy/compute.h"
#include "policy/linear.h"
#include "policy/lora.h"
#include "policy/model_config.h"
#include "policy/ops.h"

namespace reckon::policy {

/// Several segments of text behind one another, without padding (`kernels::PackedLayout`).
struct PackedBatch {
  at::Tensor ids;                      // [T] int64
  std::vector<int64_t> offsets;        // segment s owns tokens offsets[s] … offsets[s+1]-1
  std::vector<int64_t> prefixes = {};  // earlier segment that s goes on from, or -1; empty: none
};

/// One decoder layer. q, k, v share one projection, gate and up another.
struct TransformerLayer {
  at::Tensor input_norm;            // [C]
  Linear qkv;                       // [(H+2K)·D, C]
  at::Tensor query_norm, key_norm;  // [D], Qwen3 only
  Linear output;                    // [C, H·D]
  at::Tensor post_attention_norm;   // [C]
  Linear gate_up;                   // [2F, C]
  Linear down;                      // [C, F]
};

/// A projection of the files within the fused one that computes it.
struct LinearPart {
  const char* name;  // of the module within its layer: "self_attn.q_proj"
  Linear TransformerLayer::*fused;
  int64_t first_row, rows;
};

/// The projections of every layer, in the order of the layer's files.
std::vector<LinearPart> linear_parts(const ModelConfig& config);

/// Decoder-only transformer (Llama, Qwen2, Qwen3 by configuration) as plain tensors. Owns its
/// parameters. Forward is thread-safe as long as nobody changes them; whoever does calls `repack`.
class Transformer {
 public:
  /// Uninitialised parameters on `options`' device in its dtype (float32, or float64 in tests).
  Transformer(const ModelConfig& config, const at::TensorOptions& options);
  Transformer(const Transformer&) = delete;
  Transformer& operator=(const Transformer&) = delete;

  /// Hidden states after the final norm: [T, C].
  at::Tensor forward(const PackedBatch& batch) const;

  /// Whether forward passes with gradients save only the input of each layer and the backward pass
  /// computes the layer again: the same bits in less memory and about a third more time.
  void set_recompute(bool enabled) { recomputes_ = enabled; }

  /// What products with weights read (`Linear::storage`), from now on; repacks. The parameters stay
  /// float32.
  void set_storage(kernels::Storage storage);

  /// Rebuilds what is derived from the parameters. Call after every change of them.
  void repack();

  /// All tensors but those of an adapter, fused as they are computed with; a tied head is not
  /// repeated.
  std::vector<at::Tensor> parameters() const;
  /// What training changes: the adapter's matrices if there is one, else all parameters.
  std::vector<at::Tensor> trainable_parameters() const;
  /// Whether gradients of the trainable parameters are wanted; a reference model wants none.
  void requires_grad(bool enabled);
  /// Hugging Face names with views into the parameters, tied head left out.
  std::vector<std::pair<std::string, at::Tensor>> named_views() const;

  /// Freezes all parameters and puts a low-rank adapter beside the projections that `config` names:
  /// A uniform in ±1/√inputs, addressed by `seed` and `stage`, and B zero, so that nothing changes
  /// yet. Throws Error(invalid_argument) for unknown projections or if there is an adapter.
  void add_adapters(const LoraConfig& config, uint64_t seed, uint32_t stage);
  /// Adds the adapter to the weights for good.
  void merge_adapters();
  /// The adapter, if there is one.
  const std::optional<LoraConfig>& lora() const { return lora_; }
  /// The model without its adapter; shares the parameters.
  std::unique_ptr<Transformer> base_model() const;
  /// Copies the values of another model of the same configuration and repacks.
  void copy_from(const Transformer& other);

  const ModelConfig& config() const { return config_; }
  /// Where it computes and what its products read.
  Compute compute() const { return {options_.device(), head_.storage}; }
  const Linear& head() const { return head_; }
  const at::Tensor& embedding() const { return embedding_; }
  const at::Tensor& final_norm() const { return final_norm_; }
  const std::vector<TransformerLayer>& layers() const { return layers_; }
  /// Rotary table for at least `positions` positions. Grows as needed: not thread-safe where it
  /// does.
  const RopeTable& rope(int64_t positions) const;
  kernels::AttentionShape attention_shape() const {
    return {config_.num_attention_heads, config_.num_key_value_heads, config_.head_dim};
  }

 private:
  std::vector<Linear*> linears();
  at::Tensor layer_forward(const TransformerLayer& layer, const at::Tensor& x,
                           const PackedBatch& batch, const RopeTable& rope_table) const;

  ModelConfig config_;
  at::TensorOptions options_;
  at::Tensor embedding_;  // [V, C]
  std::vector<TransformerLayer> layers_;
  at::Tensor final_norm_;  // [C]
  Linear head_;            // [V, C]
  std::optional<LoraConfig> lora_;
  bool recomputes_ = false;
  mutable RopeTable rope_;
};

/// Fills a model with the tiny recipes' initial values: embedding N(0, 0.02), projections
/// N(0, 1/√fan_in), those that write to the residual stream scaled by 1/√(2·layers), head by 0.5;
/// norms 1, biases 0. Addressed by `seed` and `stage`, so the same on every machine.
void initialize(Transformer& model, uint64_t seed, uint32_t stage);

}  // namespace reckon::policy
