#pragma once

#include <cstdint>

/// Kernels that work on one row at a time. Each is a pure function of its row: the same bits
/// whatever the batch. T is float or double. All run on the calling thread.
namespace reckon::policy::kernels {

/// y = x · rsqrt(mean(x²) + eps) · weight for one row of `width` elements; returns the factor
/// rsqrt(…), which the backward pass needs. `y` may be `x`.
template <class T>
T rms_norm_row(const T* x, const T* weight, int64_t width, T eps, T* y);

/// Backward of `rms_norm_row`: writes dx and adds the row's share to dweight.
template <class T>
void rms_norm_row_backward(const T* dy, const T* x, const T* weight, T factor, int64_t width, T* dx,
                           T* dweight);

/// Rotates one head of `size` elements in place by its position (half-split rotation: element i is
/// paired with i + size/2). `cosine` and `sine` hold size/2 values of that position. With
/// `backward` the rotation is undone, which is its transpose.
template <class T>
void rope_head(T* head, const T* cosine, const T* sine, int64_t size, bool backward);

/// y[i] = silu(gate[i]) · up[i] for one row; gate_up holds gate then up, `width` each.
template <class T>
void swiglu_row(const T* gate_up, int64_t width, T* y);

/// Backward of `swiglu_row`: dgate_up holds both gradients.
template <class T>
void swiglu_row_backward(const T* dy, const T* gate_up, int64_t width, T* dgate_up);

/// Summary of a row of logits scaled by 1/temperature.
template <class T>
struct RowSoftmax {
  T maximum;  ///< largest scaled logit
  T sum;      ///< sum of exp(scaled - maximum)
  T log_sum;  ///< maximum + log(sum)
};

/// Softmax statistics of `logits` · `scale` over `width` entries. If `exps` is not null it receives
/// exp(scaled - maximum). Every log-probability of the program, in sampling and in training, comes
/// from here: log p(v) = logits[v] · scale - log_sum.
template <class T>
RowSoftmax<T> softmax_row(const T* logits, int64_t width, T scale, T* exps);

/// A row's softmax statistics and the entropy of its distribution in nats.
template <class T>
struct RowEntropy {
  RowSoftmax<T> softmax;
  T entropy;
};

/// `softmax_row`, the same bits, with the entropy. `exps` receives exp(scaled - maximum) and may be
/// `logits`.
template <class T>
RowEntropy<T> softmax_entropy_row(const T* logits, int64_t width, T scale, T* exps);

/// Turns the `exps` of `softmax_entropy_row` into the gradient of the row's logits, in place:
/// (g·(onehot(target) - p) - e·p·(log p + H)) · scale, with g and e the gradients of the target's
/// log-probability and of the entropy.
template <class T>
void logit_gradient_row(T* exps, int64_t width, const RowEntropy<T>& row, int64_t target,
                        T dlogprob, T dentropy, T scale);

/// logit · scale - log_sum, rounded in one way for all callers.
template <class T>
T scaled_logprob(T logit, T scale, T log_sum);

/// y += x over `width` elements.
template <class T>
void add_row(const T* x, int64_t width, T* y);

}  // namespace reckon::policy::kernels
