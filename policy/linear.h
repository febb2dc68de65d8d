#pragma once

#include <ATen/core/Tensor.h>

#include <variant>
#include <vector>

#include "policy/kernels/gemm.h"

namespace reckon::policy {

/// A low-rank change of some output rows of a frozen projection: w += scale · b a (LoRA,
/// 2106.09685).
struct LowRankPart {
  int64_t first_row = 0;
  at::Tensor a;  // [r, in]
  at::Tensor b;  // [rows, r]
};

/// A projection y = x wᵀ + b. Holds the parameters and, on the CPU, a packed copy of the weight.
/// `repack` must follow every change of a parameter. Reading is thread-safe.
struct Linear {
  at::Tensor weight;  // [out, in], float32 whatever `storage` is: the master copy
  at::Tensor bias;    // [out], or undefined
  std::vector<LowRankPart> adapters;
  double adapter_scale = 1.0;
  double adapter_dropout = 0.0;
  /// What products read: the weight as it is, or rounded to bfloat16. Sums are float32 either way.
  kernels::Storage storage = kernels::Storage::full;

  /// Rebuilds the packed copy out of the weight and the adapters.
  void repack();

  int64_t outputs() const { return weight.size(0); }
  int64_t inputs() const { return weight.size(1); }

  /// The weight with the adapters added to it; the weight itself if there are none.
  at::Tensor merged_weight() const;

  /// The packed weight for y = x wᵀ, adapters included.
  template <class T>
  const kernels::PackedMatrix<T>& packed() const;

 private:
  std::variant<kernels::PackedMatrix<float>, kernels::PackedMatrix<double>> packed_;
};

}  // namespace reckon::policy
