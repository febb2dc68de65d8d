#pragma once

#include <ATen/core/Tensor.h>

#include "policy/linear.h"

namespace reckon::rl {

/// The hidden states [T, C] of one model and the output head over them.
struct HeadInput {
  const at::Tensor& hidden;
  const policy::Linear& head;
};

/// How far two models are apart at some tokens; no gradient.
struct TokenDivergence {
  at::Tensor divergence;  ///< [N] nats
  at::Tensor reverse_kl;  ///< [N] KL(student || teacher), nats
};

/// The generalized Jensen-Shannon divergence of the next-token distributions of student q and
/// teacher p at `rows` [N] int64, over the whole vocabulary (GKD, 2306.13649, in TRL's convention):
///
///     beta KL(p || m) + (1 - beta) KL(q || m),  m = beta p + (1 - beta) q,
///
/// and in the limits as TRL has them KL(p || q) for beta 0 and KL(q || p) for beta 1. Computed in
/// float32 at least, for a few tokens at a time. Where a model has more rows than the other, the
/// rows that only it has are no tokens and are left out.
TokenDivergence token_divergence(const HeadInput& student, const HeadInput& teacher,
                                 const at::Tensor& rows, double beta);

/// The same with the backward pass of `weight` times its sum: adds to the gradients of the
/// student's head and of all that its hidden states depend on. The teacher gets none.
TokenDivergence token_divergence_backward(const HeadInput& student, const HeadInput& teacher,
                                          const at::Tensor& rows, double beta, double weight);

}  // namespace reckon::rl
