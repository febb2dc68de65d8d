#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "policy/linear.h"

/// Log-probabilities of tokens under the output head. Logits are float32 at least and exist for one
/// chunk of tokens at a time, never for a whole batch.
namespace reckon::policy {

/// Per-token results of an output head.
struct TokenLogprobs {
  at::Tensor logprobs;  // [N] log-probability of the target, float32 at least
  at::Tensor entropy;   // [N] of the whole distribution, nats
  at::Tensor correct;   // [N] bool: the target has the largest logit (no gradient)
};

/// Log-probabilities of `targets` [N] int64 at rows `rows` [N] int64 of hidden [T, C] under
/// softmax(hidden headᵀ / temperature), and the entropies. The logits are computed again in the
/// backward pass. `rows` may repeat: completions of one prompt share its last row.
TokenLogprobs token_logprobs(const at::Tensor& hidden, const Linear& head, const at::Tensor& rows,
                             const at::Tensor& targets, double temperature);

/// Gradients of a loss with respect to some tokens' results; an undefined entropy counts as zero.
struct TokenGradients {
  at::Tensor logprobs;  // [n]
  at::Tensor entropy;   // [n] or undefined
};

/// Gradients of the loss of tokens first … first+n-1, given their log-probabilities and entropies
/// (no gradient of their own). Called for one chunk of tokens after the other.
using TokenLoss = std::function<TokenGradients(int64_t first, const at::Tensor& logprobs,
                                               const at::Tensor& entropy)>;

/// `token_logprobs` and the backward pass of a loss that is a sum over tokens, fused: logits are
/// computed once. Adds to the gradients of the head and of all that `hidden` depends on. The
/// results carry no gradient.
TokenLogprobs token_logprobs_backward(const at::Tensor& hidden, const Linear& head,
                                      const at::Tensor& rows, const at::Tensor& targets,
                                      double temperature, const TokenLoss& loss);

/// Gives a parameter that is trained a gradient of zeros if it has none.
void bind_gradient(at::Tensor parameter);

/// The same in LibTorch operators: any device, and the twins that tests compare with.
namespace reference {
TokenLogprobs token_logprobs(const at::Tensor& hidden, const Linear& head, const at::Tensor& rows,
                             const at::Tensor& targets, double temperature);
TokenLogprobs token_logprobs_backward(const at::Tensor& hidden, const Linear& head,
                                      const at::Tensor& rows, const at::Tensor& targets,
                                      double temperature, const TokenLoss& loss);
}  // namespace reference

}  // namespace reckon::policy
