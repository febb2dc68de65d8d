#pragma once

#include <cstdint>
#include <span>
#include <vector>

/// Causal attention for sequences on the CPU. One query's result is computed the same way, in the
/// same order, whether it is decoded alone against a cache or trained in a packed batch, and
/// whether its keys lie in one piece or in two (a prompt shared by a group, then its own
/// completion).
namespace reckon::policy::kernels {

/// Keys and values of consecutive positions for one key/value head. Keys are transposed so that one
/// register holds the same component of consecutive keys.
template <class T>
struct KeyValueView {
  const T* keys_t;     ///< [D, key_stride]: component d of key j is keys_t[d * key_stride + j]
  int64_t key_stride;  ///< at least `count` rounded up to whole registers, so rows can be read past
  const T* values;     ///< [count, value_stride]
  int64_t value_stride;  ///< elements between two values
  int64_t count;         ///< number of keys
};

/// Attention of `heads` query heads that share one key/value head, over `parts` in order.
/// queries [heads, D] (stride `query_stride`), out likewise. `scores` is scratch of at least
/// heads × (total keys + one register). If `log_sums` is not null it receives one log-sum-exp a
/// head.
template <class T>
void attend(const T* queries, int64_t query_stride, int64_t heads, int64_t head_size,
            std::span<const KeyValueView<T>> parts, T scale, T* out, int64_t out_stride, T* scores,
            T* log_sums);

/// Shapes of packed self-attention. A row of qkv holds H query heads, then K key heads, then K
/// value heads, of D elements each; H is a multiple of K.
struct AttentionShape {
  int64_t query_heads;
  int64_t key_heads;
  int64_t head_size;
  int64_t qkv_width() const { return (query_heads + 2 * key_heads) * head_size; }
  int64_t out_width() const { return query_heads * head_size; }
  int64_t group() const { return query_heads / key_heads; }
};

/// Which rows of a packed batch are one text: segment s owns rows offsets[s] … offsets[s+1]-1. It
/// goes on from segment prefixes[s], an earlier one without a prefix of its own, unless that is
/// negative: completions of one prompt share its rows. Views.
struct PackedLayout {
  std::span<const int64_t> offsets;
  std::span<const int64_t> prefixes = {};  ///< empty: no segment has a prefix

  int64_t segments() const { return static_cast<int64_t>(offsets.size()) - 1; }
  int64_t begin(int64_t segment) const { return offsets[static_cast<size_t>(segment)]; }
  int64_t length(int64_t segment) const { return begin(segment + 1) - begin(segment); }
  int64_t prefix(int64_t segment) const {
    return prefixes.empty() ? -1 : prefixes[static_cast<size_t>(segment)];
  }
  int64_t prefix_length(int64_t segment) const {
    return prefix(segment) < 0 ? 0 : length(prefix(segment));
  }
};

/// Packed causal attention over qkv [T, (H+2K)·D] (rotated already). Writes out [T, H·D] and
/// log_sums [T, H]. All threads, one segment and key head at a time.
template <class T>
void attention_forward(const T* qkv, const AttentionShape& shape, const PackedLayout& layout,
                       T* out, T* log_sums);

/// Backward of `attention_forward`: dqkv [T, (H+2K)·D] is overwritten. A shared segment's gradients
/// are summed over the segments that go on from it, in their order.
template <class T>
void attention_backward(const T* dout, const T* qkv, const T* out, const T* log_sums,
                        const AttentionShape& shape, const PackedLayout& layout, T* dqkv);

}  // namespace reckon::policy::kernels
