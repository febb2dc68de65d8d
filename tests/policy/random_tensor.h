#pragma once

#include <ATen/ATen.h>

#include <cstring>

#include "core/philox.h"

namespace reckon::tests {

/// Normal values of mean 0; equal seeds give equal values on every machine.
inline at::Tensor random_tensor(at::IntArrayRef shape, uint32_t seed,
                                at::ScalarType type = at::kDouble, double deviation = 1.0) {
  const RandomStream stream({.seed = 1, .purpose = Purpose::init});
  RandomSequence draws(stream, 0, seed);
  auto values = at::empty(shape, at::TensorOptions().dtype(at::kDouble));
  auto* data = values.data_ptr<double>();
  for (int64_t i = 0; i < values.numel(); ++i) data[i] = draws.next_normal() * deviation;
  return values.to(type);
}

/// Whether two tensors agree in type, shape and every bit.
inline bool bit_equal(const at::Tensor& a, const at::Tensor& b) {
  if (a.scalar_type() != b.scalar_type() || a.sizes() != b.sizes()) return false;
  const auto left = a.detach().contiguous(), right = b.detach().contiguous();
  return left.nbytes() == 0 ||
         std::memcmp(left.const_data_ptr(), right.const_data_ptr(), left.nbytes()) == 0;
}

/// Largest |a - b|; NaN if there is one in either, so that every bound on it fails.
inline double max_difference(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes()) return std::nan("");
  return (a.detach().to(at::kDouble) - b.detach().to(at::kDouble)).abs().max().item<double>();
}

/// `max_difference` as a share of the largest |b|.
inline double relative_difference(const at::Tensor& a, const at::Tensor& b) {
  return max_difference(a, b) / b.detach().to(at::kDouble).abs().max().item<double>();
}

}  // namespace reckon::tests
