#pragma once

#include <ATen/core/Tensor.h>

#include <variant>

#include "policy/kernels/gemm.h"

namespace reckon::policy {

/// A projection y = x wᵀ + b. Holds the parameters and, on the CPU, packed copies of the weight for
/// the forward and the backward product. `repack` must follow every change of the weight.
/// Reading is thread-safe.
struct Linear {
  at::Tensor weight;  // [out, in]
  at::Tensor bias;    // [out], or undefined

  /// Rebuilds the packed copies; `backward` also the one that training needs.
  void repack(bool backward);

  int64_t outputs() const { return weight.size(0); }
  int64_t inputs() const { return weight.size(1); }

  /// The packed weight for y = x wᵀ.
  template <class T>
  const kernels::PackedMatrix<T>& forward_pack() const;
  /// The packed weight for dx = dy w.
  template <class T>
  const kernels::PackedMatrix<T>& backward_pack() const;

 private:
  template <class T>
  struct Packs {
    kernels::PackedMatrix<T> forward, backward;
  };
  std::variant<Packs<float>, Packs<double>> packs_;
};

}  // namespace reckon::policy
