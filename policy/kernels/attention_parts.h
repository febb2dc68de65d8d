#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

#include "policy/kernels/attention.h"
#include "policy/kernels/vec.h"

/// The pieces that the forward and the backward pass of attention share.
namespace reckon::policy::kernels {

/// Query heads that share the passes over keys and values.
inline constexpr int64_t kHeadBlock = 4;

/// scores[h][j] = scale · q_h · k_j for one register of keys and Heads heads at a time. Reads up to
/// one register past the last key: rows of keys_t are padded.
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

/// out_h += Σ_j p_h[j] · v_j, in ascending order of j, one register of components at a time.
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

/// Copies `count` rows of `width` elements into columns: target[d][j] = source[j][d], padded with
/// zeros to whole registers.
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

/// Runs body(index, key_head, thread-local scratch) for all pairs. A pair's result never depends on
/// which thread takes it.
template <class T, class Body>
void for_each_pair(int64_t count, int64_t key_heads, Body body) {
  at::parallel_for(0, count * key_heads, 1, [&](int64_t begin, int64_t end) {
    std::vector<T> scratch;
    for (int64_t pair = begin; pair < end; ++pair) {
      body(pair / key_heads, pair % key_heads, scratch);
    }
  });
}

/// Calls call.operator()<n>(first) for blocks of n = 1 … kHeadBlock heads.
template <class Call>
void for_head_blocks(int64_t heads, Call call) {
  for (int64_t h = 0; h < heads; h += kHeadBlock) {
    switch (std::min(kHeadBlock, heads - h)) {
      case 1:
        call.template operator()<1>(h);
        break;
      case 2:
        call.template operator()<2>(h);
        break;
      case 3:
        call.template operator()<3>(h);
        break;
      default:
        call.template operator()<kHeadBlock>(h);
    }
  }
}

/// Columns of one key head inside rows of packed matrices.
struct HeadColumns {
  HeadColumns(const AttentionShape& shape, int64_t key_head)
      : query(key_head * shape.group() * shape.head_size),
        key((shape.query_heads + key_head) * shape.head_size),
        value((shape.query_heads + shape.key_heads + key_head) * shape.head_size),
        head(key_head * shape.group()) {}

  int64_t query, key, value;  // in a row of qkv
  int64_t head;               // first query head
};

}  // namespace reckon::policy::kernels
