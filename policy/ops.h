#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "policy/kernels/attention.h"
#include "policy/linear.h"
#include "policy/token_logprobs.h"

/// The differentiable operators of the transformer. T is the number of packed tokens, C the width.
/// On the CPU (float32, float64) they run the kernels of policy/kernels; on other devices the same
/// mathematics in LibTorch operators (`reference`). Hidden states are never padded: sequence s owns
/// rows offsets[s] … offsets[s+1]-1.
namespace reckon::policy {

/// Cosines and sines of rotary positions (RoFormer, 2104.09864), half-split pairs.
struct RopeTable {
  at::Tensor cosine;  // [P, D/2]
  at::Tensor sine;    // [P, D/2]
};

/// The table for positions 0 … positions-1. `frequencies` [D/2] are angles a position, `scale`
/// multiplies cosines and sines (YaRN). For float32 and below the angles are rounded to float32 as
/// transformers does, so that long contexts agree.
RopeTable make_rope_table(int64_t positions, const std::vector<double>& frequencies, double scale,
                          const at::TensorOptions& options);

/// Rows of `weight` [V, C] by `ids` [T] int64.
at::Tensor embed(const at::Tensor& ids, const at::Tensor& weight);

/// Root-mean-square norm of rows x [T, C] with `weight` [C].
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);

/// x [T, in] through `linear`, plus `residual` [T, out] if defined. `linear` must outlive the
/// graph.
at::Tensor project(const at::Tensor& x, const Linear& linear, const at::Tensor& residual = {});

/// Root-mean-square norm of each query head by `query_weight` and each key head by `key_weight` [D]
/// in qkv [T, (H+2K)·D]; values pass through (Qwen3).
at::Tensor qk_norm(const at::Tensor& qkv, const at::Tensor& query_weight,
                   const at::Tensor& key_weight, const kernels::AttentionShape& shape, double eps);

/// Rotary positions and causal attention per segment (`kernels::PackedLayout`): qkv [T, (H+2K)·D] →
/// [T, H·D]. Takes qkv for itself: unless it is a leaf of the graph, it is rotated in place.
at::Tensor rope_attention(const at::Tensor& qkv, const RopeTable& rope,
                          const kernels::AttentionShape& shape, const std::vector<int64_t>& offsets,
                          const std::vector<int64_t>& prefixes = {});

/// silu(gate) · up for rows [gate | up] of gate_up [T, 2F] → [T, F].
at::Tensor swiglu(const at::Tensor& gate_up);

/// The same operators written plainly in LibTorch: any device, and the twin that tests compare
/// with.
namespace reference {
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);
at::Tensor project(const at::Tensor& x, const Linear& linear, const at::Tensor& residual = {});
at::Tensor qk_norm(const at::Tensor& qkv, const at::Tensor& query_weight,
                   const at::Tensor& key_weight, const kernels::AttentionShape& shape, double eps);
at::Tensor rotate(const at::Tensor& heads, const at::Tensor& cosine, const at::Tensor& sine);
at::Tensor rope_attention(const at::Tensor& qkv, const RopeTable& rope,
                          const kernels::AttentionShape& shape, const std::vector<int64_t>& offsets,
                          const std::vector<int64_t>& prefixes = {});
at::Tensor swiglu(const at::Tensor& gate_up);
}  // namespace reference

}  // namespace reckon::policy
