#include "policy/kernels/attention.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "policy/kernels/rowwise.h"
#include "policy/kernels/vec.h"

namespace reckon::policy::kernels {
namespace {

constexpr int64_t kHeadBlock = 4;  // query heads that share the passes over keys and values

// scores[h][j] = scale · q_h · k_j for one register of keys and Heads heads at a time. Reads up to
// one register past the last key: rows of keys_t are padded.
template <class T, int64_t Heads>
void score_keys(const T* queries, int64_t query_stride, int64_t head_size,
                const KeyValueView<T>& part, T scale, T* scores, int64_t score_stride) {
  for (int64_t j = 0; j < part.count; j += kLanes<T>) {
    Register<T> sum[Heads] = {};
    for (int64_t d = 0; d < head_size; ++d) {
      const Register<T> key = load_register<T>(part.keys_t + d * part.key_stride + j);
#pragma GCC unroll 4
      for (int64_t h = 0; h < Heads; ++h) sum[h] += queries[h * query_stride + d] * key;
    }
    const int64_t count = std::min(kLanes<T>, part.count - j);
#pragma GCC unroll 4
    for (int64_t h = 0; h < Heads; ++h) {
      to_vec<T>(sum[h] * scale).store(scores + h * score_stride + j, count);
    }
  }
}

// out_h += Σ_j p_h[j] · v_j, in ascending order of j, one register of components at a time.
template <class T, int64_t Heads>
void mix_values(const T* weights, int64_t weight_stride, const KeyValueView<T>& part,
                int64_t head_size, T* out, int64_t out_stride) {
  for (int64_t d = 0; d < head_size; d += kLanes<T>) {
    const int64_t width = std::min(kLanes<T>, head_size - d);
    Register<T> sum[Heads];
#pragma GCC unroll 4
    for (int64_t h = 0; h < Heads; ++h) sum[h] = load_register<T>(out + h * out_stride + d, width);
    for (int64_t j = 0; j < part.count; ++j) {
      const Register<T> value = load_register<T>(part.values + j * part.value_stride + d, width);
#pragma GCC unroll 4
      for (int64_t h = 0; h < Heads; ++h) sum[h] += weights[h * weight_stride + j] * value;
    }
#pragma GCC unroll 4
    for (int64_t h = 0; h < Heads; ++h) to_vec<T>(sum[h]).store(out + h * out_stride + d, width);
  }
}

template <class T, int64_t Heads>
void attend_heads(const T* queries, int64_t query_stride, int64_t head_size,
                  std::span<const KeyValueView<T>> parts, int64_t total, T scale, T* out,
                  int64_t out_stride, T* scores, T* log_sums) {
  const int64_t stride = padded<T>(total);
  int64_t done = 0;
  for (const auto& part : parts) {
    score_keys<T, Heads>(queries, query_stride, head_size, part, scale, scores + done, stride);
    done += part.count;
  }
  for (int64_t h = 0; h < Heads; ++h) {
    const auto row = softmax_row<T>(scores + h * stride, total, T(1), scores + h * stride);
    if (log_sums != nullptr) log_sums[h] = row.log_sum;
    const Vec<T> inverse(T(1) / row.sum);
    for (int64_t j = 0; j < total; j += kLanes<T>) {
      const int64_t n = std::min(kLanes<T>, total - j);
      (Vec<T>::loadu(scores + h * stride + j, n) * inverse).store(scores + h * stride + j, n);
    }
    std::fill_n(out + h * out_stride, head_size, T(0));
  }
  done = 0;
  for (const auto& part : parts) {
    mix_values<T, Heads>(scores + done, stride, part, head_size, out, out_stride);
    done += part.count;
  }
}

// Copies `count` rows of `width` elements into columns: target[d][j] = source[j][d], padded with
// zeros to whole registers.
template <class T>
void transpose_rows(const T* source, int64_t source_stride, int64_t count, int64_t width, T* target,
                    int64_t target_stride) {
  for (int64_t j = 0; j < count; ++j) {
    for (int64_t d = 0; d < width; ++d)
      target[d * target_stride + j] = source[j * source_stride + d];
  }
  for (int64_t d = 0; d < width; ++d) {
    std::fill(target + d * target_stride + count, target + (d + 1) * target_stride, T(0));
  }
}

// Runs body(sequence, key_head, thread-local scratch) for all pairs. A pair's result never depends
// on which thread takes it.
template <class T, class Body>
void for_each_pair(const AttentionShape& shape, std::span<const int64_t> offsets, Body body) {
  const auto sequences = static_cast<int64_t>(offsets.size()) - 1;
  const int64_t pairs = sequences * shape.key_heads;
  at::parallel_for(0, pairs, 1, [&](int64_t begin, int64_t end) {
    std::vector<T> scratch;
    for (int64_t pair = begin; pair < end; ++pair) {
      body(pair / shape.key_heads, pair % shape.key_heads, scratch);
    }
  });
}

// The places of one (sequence, key head) pair inside packed matrices.
struct PairLayout {
  PairLayout(const AttentionShape& shape, std::span<const int64_t> offsets, int64_t sequence,
             int64_t key_head)
      : first(offsets[sequence]),
        count(offsets[sequence + 1] - first),
        query(key_head * shape.group() * shape.head_size),
        key((shape.query_heads + key_head) * shape.head_size),
        value((shape.query_heads + shape.key_heads + key_head) * shape.head_size),
        head(key_head * shape.group()) {}

  int64_t first, count;       // rows of the sequence
  int64_t query, key, value;  // columns in a row of qkv
  int64_t head;               // first query head
};

// One query row of the backward pass, for one head. `p` and `dp` are scratch of a padded row.
template <class T>
struct BackwardScratch {
  T *keys_t, *values_t, *dkeys_t, *dvalues_t, *p, *dp;
  int64_t stride;
};

template <class T>
void attention_backward_row(const T* dout, const T* query, const T* out, T log_sum, T scale,
                            int64_t head_size, int64_t count, const T* keys, int64_t key_stride,
                            const BackwardScratch<T>& s, T* dquery) {
  const KeyValueView<T> keys_view{s.keys_t, s.stride, nullptr, 0, count};
  const KeyValueView<T> values_view{s.values_t, s.stride, nullptr, 0, count};
  score_keys<T, 1>(query, 0, head_size, keys_view, scale, s.p, s.stride);
  score_keys<T, 1>(dout, 0, head_size, values_view, T(1), s.dp, s.stride);
  T delta = 0;
  for (int64_t d = 0; d < head_size; ++d) delta += dout[d] * out[d];
  // p = exp(s - l), ds = p · (dp - delta) · scale; lanes past `count` are zero.
  for (int64_t j = 0; j < count; j += kLanes<T>) {
    const int64_t n = std::min(kLanes<T>, count - j);
    auto p = (Vec<T>::loadu(s.p + j) - Vec<T>(log_sum)).exp_u20();
    if (n < kLanes<T>) p = Vec<T>::set(Vec<T>(T(0)), p, n);
    p.store(s.p + j);
    (p * (Vec<T>::loadu(s.dp + j, n) - Vec<T>(delta)) * Vec<T>(scale)).store(s.dp + j);
  }
  for (int64_t d = 0; d < head_size; ++d) {
    const Vec<T> q(query[d]), g(dout[d]);
    T* dkey = s.dkeys_t + d * s.stride;
    T* dvalue = s.dvalues_t + d * s.stride;
    for (int64_t j = 0; j < count; j += kLanes<T>) {
      at::vec::fmadd(q, Vec<T>::loadu(s.dp + j), Vec<T>::loadu(dkey + j)).store(dkey + j);
      at::vec::fmadd(g, Vec<T>::loadu(s.p + j), Vec<T>::loadu(dvalue + j)).store(dvalue + j);
    }
  }
  const KeyValueView<T> rows{nullptr, 0, keys, key_stride, count};
  std::fill_n(dquery, head_size, T(0));
  mix_values<T, 1>(s.dp, s.stride, rows, head_size, dquery, 0);
}

}  // namespace

template <class T>
void attend(const T* queries, int64_t query_stride, int64_t heads, int64_t head_size,
            std::span<const KeyValueView<T>> parts, T scale, T* out, int64_t out_stride, T* scores,
            T* log_sums) {
  int64_t total = 0;
  for (const auto& part : parts) total += part.count;
  const auto block = [&]<int64_t Heads>(int64_t h) {
    attend_heads<T, Heads>(queries + h * query_stride, query_stride, head_size, parts, total, scale,
                           out + h * out_stride, out_stride, scores,
                           log_sums == nullptr ? nullptr : log_sums + h);
  };
  for (int64_t h = 0; h < heads; h += kHeadBlock) {
    switch (std::min(kHeadBlock, heads - h)) {
      case 1:
        block.template operator()<1>(h);
        break;
      case 2:
        block.template operator()<2>(h);
        break;
      case 3:
        block.template operator()<3>(h);
        break;
      default:
        block.template operator()<kHeadBlock>(h);
    }
  }
}

template <class T>
void attention_forward(const T* qkv, const AttentionShape& shape, std::span<const int64_t> offsets,
                       T* out, T* log_sums) {
  const T scale = T(1) / std::sqrt(static_cast<T>(shape.head_size));
  const int64_t width = shape.qkv_width();
  for_each_pair<T>(
      shape, offsets, [&](int64_t sequence, int64_t key_head, std::vector<T>& scratch) {
        const PairLayout at(shape, offsets, sequence, key_head);
        const int64_t stride = padded<T>(at.count);
        scratch.resize(static_cast<size_t>((shape.head_size + kHeadBlock) * stride));
        const T* rows = qkv + at.first * width;
        transpose_rows(rows + at.key, width, at.count, shape.head_size, scratch.data(), stride);
        for (int64_t t = 0; t < at.count; ++t) {
          const KeyValueView<T> keys{scratch.data(), stride, rows + at.value, width, t + 1};
          attend<T>(rows + t * width + at.query, shape.head_size, shape.group(), shape.head_size,
                    {&keys, 1}, scale, out + (at.first + t) * shape.out_width() + at.query,
                    shape.head_size, scratch.data() + shape.head_size * stride,
                    log_sums + (at.first + t) * shape.query_heads + at.head);
        }
      });
}

template <class T>
void attention_backward(const T* dout, const T* qkv, const T* out, const T* log_sums,
                        const AttentionShape& shape, std::span<const int64_t> offsets, T* dqkv) {
  const T scale = T(1) / std::sqrt(static_cast<T>(shape.head_size));
  const int64_t width = shape.qkv_width();
  const int64_t size = shape.head_size;
  for_each_pair<T>(shape, offsets,
                   [&](int64_t sequence, int64_t key_head, std::vector<T>& scratch) {
                     const PairLayout at(shape, offsets, sequence, key_head);
                     const int64_t stride = padded<T>(at.count);
                     scratch.assign(static_cast<size_t>((4 * size + 2) * stride), T(0));
                     T* base = scratch.data();
                     const BackwardScratch<T> s{base,
                                                base + size * stride,
                                                base + 2 * size * stride,
                                                base + 3 * size * stride,
                                                base + 4 * size * stride,
                                                base + (4 * size + 1) * stride,
                                                stride};
                     const T* rows = qkv + at.first * width;
                     T* drows = dqkv + at.first * width;
                     transpose_rows(rows + at.key, width, at.count, size, s.keys_t, stride);
                     transpose_rows(rows + at.value, width, at.count, size, s.values_t, stride);
                     for (int64_t t = 0; t < at.count; ++t) {
                       const int64_t row = (at.first + t) * shape.out_width() + at.query;
                       for (int64_t h = 0; h < shape.group(); ++h) {
                         const int64_t column = at.query + h * size;
                         attention_backward_row(
                             dout + row + h * size, rows + t * width + column, out + row + h * size,
                             log_sums[(at.first + t) * shape.query_heads + at.head + h], scale,
                             size, t + 1, rows + at.key, width, s, drows + t * width + column);
                       }
                     }
                     for (int64_t t = 0; t < at.count; ++t) {
                       for (int64_t d = 0; d < size; ++d) {
                         drows[t * width + at.key + d] = s.dkeys_t[d * stride + t];
                         drows[t * width + at.value + d] = s.dvalues_t[d * stride + t];
                       }
                     }
                   });
}

#define RECKON_INSTANTIATE(T)                                                                    \
  template void attend<T>(const T*, int64_t, int64_t, int64_t, std::span<const KeyValueView<T>>, \
                          T, T*, int64_t, T*, T*);                                               \
  template void attention_forward<T>(const T*, const AttentionShape&, std::span<const int64_t>,  \
                                     T*, T*);                                                    \
  template void attention_backward<T>(const T*, const T*, const T*, const T*,                    \
                                      const AttentionShape&, std::span<const int64_t>, T*);
RECKON_INSTANTIATE(float)
RECKON_INSTANTIATE(double)
#undef RECKON_INSTANTIATE

}  // namespace reckon::policy::kernels
