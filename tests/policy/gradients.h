#pragma once

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <functional>

#include "tests/policy/thread_count.h"

namespace reckon::tests {

/// A scalar loss as a function of tensors that the caller keeps and this header changes.
using Loss = std::function<at::Tensor()>;

/// The gradients of `loss` by autograd.
inline std::vector<at::Tensor> gradients(const Loss& loss, const std::vector<at::Tensor>& inputs) {
  return torch::autograd::grad({loss()}, inputs);
}

/// The gradient of `loss` at `input` (contiguous float64) by central differences. `changed` is
/// called after every change of `input`.
inline at::Tensor central_differences(const Loss& loss, const at::Tensor& input,
                                      const std::function<void()>& changed = {}) {
  constexpr double kStep = 1e-5;
  const at::NoGradGuard no_grad;
  const ThreadCount one(1);  // thousands of tiny products: starting threads would take most time
  auto gradient = at::empty(input.sizes(), input.options().requires_grad(false));
  auto* values = input.data_ptr<double>();
  const auto loss_at = [&](double& value, double moved) {
    value = moved;
    if (changed) changed();
    return loss().item<double>();
  };
  for (int64_t i = 0; i < input.numel(); ++i) {
    const double value = values[i];
    const double above = loss_at(values[i], value + kStep);
    const double below = loss_at(values[i], value - kStep);
    gradient.data_ptr<double>()[i] = (above - below) / (2 * kStep);
    values[i] = value;
  }
  if (changed) changed();
  return gradient;
}

}  // namespace reckon::tests
