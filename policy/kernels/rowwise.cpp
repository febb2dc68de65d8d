#include "policy/kernels/rowwise.h"

#include <cmath>
#include <limits>

#include "policy/kernels/vec.h"

namespace reckon::policy::kernels {
namespace {

// Calls body(offset, count) for each register's worth of a row; count is whole but for the last.
template <class T, class Body>
void for_registers(int64_t width, Body body) {
  int64_t i = 0;
  for (; i + kLanes<T> <= width; i += kLanes<T>) body(i, kLanes<T>);
  if (i < width) body(i, width - i);
}

template <class T>
Vec<T> sigmoid(Vec<T> x) {
  const Vec<T> one(T(1));
  return one / (one + x.neg().exp_u20());
}

}  // namespace

template <class T>
T rms_norm_row(const T* x, const T* weight, int64_t width, T eps, T* y) {
  Vec<T> squares(T(0));
  for_registers<T>(width, [&](int64_t i, int64_t n) {
    const auto value = Vec<T>::loadu(x + i, n);
    squares = at::vec::fmadd(value, value, squares);
  });
  const T factor = T(1) / std::sqrt(sum_lanes<T>(squares) / static_cast<T>(width) + eps);
  for_registers<T>(width, [&](int64_t i, int64_t n) {
    const auto scaled = Vec<T>::loadu(x + i, n) * Vec<T>(factor);
    (scaled * Vec<T>::loadu(weight + i, n)).store(y + i, n);
  });
  return factor;
}

template <class T>
void rms_norm_row_backward(const T* dy, const T* x, const T* weight, T factor, int64_t width, T* dx,
                           T* dweight) {
  // With n = x·f: dx = f·(dy·w - n·mean(dy·w·n)), dw = dy·n.
  Vec<T> dot(T(0));
  for_registers<T>(width, [&](int64_t i, int64_t n) {
    const auto g = Vec<T>::loadu(dy + i, n) * Vec<T>::loadu(weight + i, n);
    dot = at::vec::fmadd(g, Vec<T>::loadu(x + i, n), dot);
  });
  const T mean = sum_lanes<T>(dot) * factor * factor / static_cast<T>(width);
  for_registers<T>(width, [&](int64_t i, int64_t n) {
    const auto upstream = Vec<T>::loadu(dy + i, n);
    const auto value = Vec<T>::loadu(x + i, n);
    const auto g = upstream * Vec<T>::loadu(weight + i, n);
    ((g - value * Vec<T>(mean)) * Vec<T>(factor)).store(dx + i, n);
    const auto sum = Vec<T>::loadu(dweight + i, n) + upstream * value * Vec<T>(factor);
    sum.store(dweight + i, n);
  });
}

template <class T>
void rope_head(T* head, const T* cosine, const T* sine, int64_t size, bool backward) {
  const int64_t half = size / 2;
  const Vec<T> sign(backward ? T(-1) : T(1));
  for_registers<T>(half, [&](int64_t i, int64_t n) {
    const auto c = Vec<T>::loadu(cosine + i, n);
    const auto s = Vec<T>::loadu(sine + i, n) * sign;
    const auto low = Vec<T>::loadu(head + i, n);
    const auto high = Vec<T>::loadu(head + half + i, n);
    (low * c - high * s).store(head + i, n);
    (high * c + low * s).store(head + half + i, n);
  });
}

template <class T>
void swiglu_row(const T* gate_up, int64_t width, T* y) {
  for_registers<T>(width, [&](int64_t i, int64_t n) {
    const auto gate = Vec<T>::loadu(gate_up + i, n);
    (gate * sigmoid<T>(gate) * Vec<T>::loadu(gate_up + width + i, n)).store(y + i, n);
  });
}

template <class T>
void swiglu_row_backward(const T* dy, const T* gate_up, int64_t width, T* dgate_up) {
  const Vec<T> one(T(1));
  for_registers<T>(width, [&](int64_t i, int64_t n) {
    const auto gate = Vec<T>::loadu(gate_up + i, n);
    const auto up = Vec<T>::loadu(gate_up + width + i, n);
    const auto upstream = Vec<T>::loadu(dy + i, n);
    const auto s = sigmoid<T>(gate);
    // d silu(g)/dg = s·(1 + g·(1 - s))
    (upstream * up * s * (one + gate * (one - s))).store(dgate_up + i, n);
    (upstream * gate * s).store(dgate_up + width + i, n);
  });
}

namespace {

template <class T>
T largest_scaled(const T* logits, int64_t width, T scale) {
  const Vec<T> lowest(-std::numeric_limits<T>::infinity());
  Vec<T> largest = lowest;
  for_registers<T>(width, [&](int64_t i, int64_t n) {
    auto value = Vec<T>::loadu(logits + i, n) * Vec<T>(scale);
    if (n < kLanes<T>) value = Vec<T>::set(lowest, value, n);
    largest = at::vec::maximum(largest, value);
  });
  return max_lane<T>(largest);
}

// Calls visit(exp, scaled - maximum, offset, count) for each register; lanes past the row are zero.
template <class T, class Visit>
RowSoftmax<T> visit_exps(const T* logits, int64_t width, T scale, Visit visit) {
  const T maximum = largest_scaled(logits, width, scale);
  Vec<T> total(T(0));
  for_registers<T>(width, [&](int64_t i, int64_t n) {
    const auto shifted = Vec<T>::loadu(logits + i, n) * Vec<T>(scale) - Vec<T>(maximum);
    auto value = shifted.exp_u20();
    if (n < kLanes<T>) value = Vec<T>::set(Vec<T>(T(0)), value, n);
    visit(value, shifted, i, n);
    total = total + value;
  });
  const T sum = sum_lanes<T>(total);
  return {maximum, sum, maximum + std::log(sum)};
}

}  // namespace

template <class T>
RowSoftmax<T> softmax_row(const T* logits, int64_t width, T scale, T* exps) {
  if (exps == nullptr) {
    return visit_exps(logits, width, scale, [](const Vec<T>&, const Vec<T>&, int64_t, int64_t) {});
  }
  return visit_exps(
      logits, width, scale,
      [&](const Vec<T>& value, const Vec<T>&, int64_t i, int64_t n) { value.store(exps + i, n); });
}

template <class T>
RowEntropy<T> softmax_entropy_row(const T* logits, int64_t width, T scale, T* exps) {
  Vec<T> weighted(T(0));
  const auto softmax = visit_exps(
      logits, width, scale, [&](const Vec<T>& value, const Vec<T>& shifted, int64_t i, int64_t n) {
        // A logit of -inf has no probability; 0 · inf would spoil the sum.
        const auto finite = at::vec::maximum(shifted, Vec<T>(T(-1e30)));
        weighted = at::vec::fmadd(value, finite, weighted);
        value.store(exps + i, n);
      });
  // H = log Σe - Σ e·s / Σe, with s relative to the maximum.
  return {softmax, std::log(softmax.sum) - sum_lanes<T>(weighted) / softmax.sum};
}

template <class T>
void logit_gradient_row(T* exps, int64_t width, const RowEntropy<T>& row, int64_t target,
                        T dlogprob, T dentropy, T scale) {
  const T inverse = T(1) / row.softmax.sum;
  const Vec<T> weight(-dlogprob * scale * inverse);
  if (dentropy == T(0)) {
    for_registers<T>(width, [&](int64_t i, int64_t n) {
      (Vec<T>::loadu(exps + i, n) * weight).store(exps + i, n);
    });
  } else {
    // log p + H = log e + offset
    const Vec<T> offset(row.entropy - std::log(row.softmax.sum));
    const Vec<T> factor(-dentropy * scale * inverse);
    const Vec<T> tiny(std::numeric_limits<T>::min());
    for_registers<T>(width, [&](int64_t i, int64_t n) {
      const auto e = Vec<T>::loadu(exps + i, n);
      const auto log_p = at::vec::maximum(e, tiny).log() + offset;
      (e * (weight + factor * log_p)).store(exps + i, n);
    });
  }
  exps[target] += dlogprob * scale;
}

template <class T>
T scaled_logprob(T logit, T scale, T log_sum) {
  return logit * scale - log_sum;
}

template <class T>
void add_row(const T* x, int64_t width, T* y) {
  for_registers<T>(width, [&](int64_t i, int64_t n) {
    (Vec<T>::loadu(y + i, n) + Vec<T>::loadu(x + i, n)).store(y + i, n);
  });
}

#define RECKON_INSTANTIATE(T)                                                               \
  template T rms_norm_row<T>(const T*, const T*, int64_t, T, T*);                           \
  template void rms_norm_row_backward<T>(const T*, const T*, const T*, T, int64_t, T*, T*); \
  template void rope_head<T>(T*, const T*, const T*, int64_t, bool);                        \
  template void swiglu_row<T>(const T*, int64_t, T*);                                       \
  template void swiglu_row_backward<T>(const T*, const T*, int64_t, T*);                    \
  template RowSoftmax<T> softmax_row<T>(const T*, int64_t, T, T*);                          \
  template RowEntropy<T> softmax_entropy_row<T>(const T*, int64_t, T, T*);                  \
  template void logit_gradient_row<T>(T*, int64_t, const RowEntropy<T>&, int64_t, T, T, T); \
  template T scaled_logprob<T>(T, T, T);                                                    \
  template void add_row<T>(const T*, int64_t, T*);
RECKON_INSTANTIATE(float)
RECKON_INSTANTIATE(double)
#undef RECKON_INSTANTIATE

}  // namespace reckon::policy::kernels
