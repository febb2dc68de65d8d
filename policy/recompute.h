#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

namespace reckon::policy {

/// One part of a network: hidden states in, hidden states out. Called once in the forward pass and
/// once in the backward pass, and must compute the same bits both times.
using LayerFunction = std::function<at::Tensor(const at::Tensor& x)>;

/// layer(x), saving nothing but x: the backward pass runs the layer again (activation
/// checkpointing, 1604.06174). `parameters` are the tensors with gradients that the layer reads;
/// their gradients arrive as they do without. What `layer` refers to must outlive the graph.
at::Tensor recompute(const at::Tensor& x, std::vector<at::Tensor> parameters, LayerFunction layer);

}  // namespace reckon::policy
