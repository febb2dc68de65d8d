#include "policy/kernels/attention.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "policy/kernels/attention_parts.h"
#include "policy/kernels/rowwise.h"
#include "policy/kernels/vec.h"

namespace reckon::policy::kernels {
namespace {

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

}  // namespace

template <class T>
void attend(const T* queries, int64_t query_stride, int64_t heads, int64_t head_size,
            std::span<const KeyValueView<T>> parts, T scale, T* out, int64_t out_stride, T* scores,
            T* log_sums) {
  int64_t total = 0;
  for (const auto& part : parts) total += part.count;
  for_head_blocks(heads, [&]<int64_t Heads>(int64_t h) {
    attend_heads<T, Heads>(queries + h * query_stride, query_stride, head_size, parts, total, scale,
                           out + h * out_stride, out_stride, scores,
                           log_sums == nullptr ? nullptr : log_sums + h);
  });
}

template <class T>
void attention_forward(const T* qkv, const AttentionShape& shape, const PackedLayout& layout,
                       T* out, T* log_sums) {
  const T scale = T(1) / std::sqrt(static_cast<T>(shape.head_size));
  const int64_t width = shape.qkv_width(), size = shape.head_size;
  for_each_pair<T>(layout.segments(), shape.key_heads, [&](int64_t s, int64_t head, auto& scratch) {
    const HeadColumns at(shape, head);
    const int64_t count = layout.length(s), before = layout.prefix_length(s);
    const int64_t stride = padded<T>(count), prefix_stride = padded<T>(before);
    scratch.resize(static_cast<size_t>(size * (stride + prefix_stride) +
                                       kHeadBlock * padded<T>(before + count) + kLanes<T>));
    T* keys_t = scratch.data();
    T* prefix_keys_t = keys_t + size * stride;
    T* scores = prefix_keys_t + size * prefix_stride;
    const T* rows = qkv + layout.begin(s) * width;
    transpose_rows(rows + at.key, width, count, size, keys_t, stride);
    std::array<KeyValueView<T>, 2> parts;
    size_t used = 0;
    if (before > 0) {
      const T* prefix = qkv + layout.begin(layout.prefix(s)) * width;
      transpose_rows(prefix + at.key, width, before, size, prefix_keys_t, prefix_stride);
      parts[used++] = {prefix_keys_t, prefix_stride, prefix + at.value, width, before};
    }
    for (int64_t t = 0; t < count; ++t) {
      parts[used] = {keys_t, stride, rows + at.value, width, t + 1};
      const int64_t row = layout.begin(s) + t;
      attend<T>(rows + t * width + at.query, size, shape.group(), size, {parts.data(), used + 1},
                scale, out + row * shape.out_width() + at.query, size, scores,
                log_sums + row * shape.query_heads + at.head);
    }
  });
}

#define RECKON_INSTANTIATE(T)                                                                    \
  template void attend<T>(const T*, int64_t, int64_t, int64_t, std::span<const KeyValueView<T>>, \
                          T, T*, int64_t, T*, T*);                                               \
  template void attention_forward<T>(const T*, const AttentionShape&, const PackedLayout&, T*, T*);
RECKON_INSTANTIATE(float)
RECKON_INSTANTIATE(double)
#undef RECKON_INSTANTIATE

}  // namespace reckon::policy::kernels
