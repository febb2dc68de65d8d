#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <vector>

#include "policy/transformer.h"
#include "rl/optimizer_config.h"

namespace reckon::rl {

/// AdamW over what training changes of a model, with LibTorch's fused operator. Gradients live in
/// one flat buffer for the whole run: parameters' `grad` are views of it. Moments are float32
/// (float64 for float64 models). One per model; not thread-safe.
class Optimizer {
 public:
  /// Binds gradients to `model`, which must outlive this object.
  Optimizer(policy::Transformer& model, const OptimizerConfig& config);

  /// Clears the gradients. Call before the first backward pass of a step.
  void zero_grad();

  /// Norm of all gradients, computed over fixed blocks in order.
  double grad_norm() const;

  /// Clips to `max_grad_norm`, takes one step with `learning_rate`, repacks the model. Returns the
  /// norm before clipping. Throws `internal` if the norm is not finite; nothing is changed then.
  double step(double learning_rate);

  /// Number of steps taken.
  int64_t steps() const { return steps_; }

  /// Moments and step count to and from a safetensors file.
  void save(const std::filesystem::path& path) const;
  void load(const std::filesystem::path& path);

  /// All gradients, one after the other in the order of
  /// `Transformer::trainable_parameters`.
  const at::Tensor& flat_gradient() const { return flat_; }

 private:
  void update(const std::vector<size_t>& which, double learning_rate, double weight_decay);

  policy::Transformer& model_;
  OptimizerConfig config_;
  std::vector<at::Tensor> parameters_, gradients_, first_, second_, counts_;
  std::vector<size_t> decayed_, plain_;  // indices of matrices, and of norms and biases
  at::Tensor flat_;
  int64_t steps_ = 0;
};

}  // namespace reckon::rl
