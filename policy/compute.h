#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/TensorOptions.h>

#include <string>

#include "policy/kernels/gemm.h"

namespace reckon::policy {

/// Where a model computes and what its products read. The one place that knows about types:
/// parameters, optimizer moments, sums, logits and losses are float32 always (float64 in tests);
/// `bfloat16` only rounds the weights, and on CUDA the activations, that a product reads.
struct Compute {
  at::Device device = at::kCPU;
  kernels::Storage storage = kernels::Storage::full;

  /// Options of the parameters.
  at::TensorOptions options() const { return at::TensorOptions().dtype(at::kFloat).device(device); }
};

/// Reads `device` ("auto", "cpu", "cuda" or "cuda:N"; auto is CUDA where it works) and `dtype`
/// ("float32" or "bfloat16"). `place` stands before the key in messages. Throws
/// Error(invalid_argument), or Error(unsupported) for CUDA where there is none.
Compute parse_compute(const std::string& device, const std::string& dtype,
                      const std::string& place);

}  // namespace reckon::policy
