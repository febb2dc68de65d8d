#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <span>
#include <vector>

#include "rl/loss_options.h"

namespace reckon::rl {

/// `top_entropy_quantile` (2506.01939): 1 at the tokens whose entropy is at or above the
/// (1 - share)-quantile over all tokens of the step, else 0; one tensor for each of `entropies`.
std::vector<at::Tensor> top_entropy_masks(std::span<const at::Tensor> entropies, double share);

/// The coefficient of the entropy bonus. Fixed, or adaptive (Skywork-OR1, 2505.22312): it grows by
/// `entropy_coef_delta` after a step whose mean entropy is at most `entropy_target`, else it
/// shrinks, and it acts on a step only if the one before was at or below the target. Its state is
/// part of a checkpoint.
class EntropyControl {
 public:
  explicit EntropyControl(const LossOptions& options);

  /// What multiplies the mean entropy in the next step.
  double in_effect() const;

  /// Takes note of a step's mean entropy, nats.
  void observe(double entropy);

  /// State, for a checkpoint.
  double coefficient() const { return coefficient_; }
  std::optional<double> last_entropy() const { return last_entropy_; }
  void restore(double coefficient, std::optional<double> last_entropy);

 private:
  bool adaptive_;
  double target_, delta_, min_, max_;
  double coefficient_;
  std::optional<double> last_entropy_;
};

}  // namespace reckon::rl
