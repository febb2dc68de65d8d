#pragma once

#include <cstdint>
#include <vector>

#include "policy/kernels/attention.h"

namespace reckon::rollout {

/// Keys and values of one run of tokens, all layers: a shared prompt or one completion. Keys are
/// stored transposed, as `kernels::attend` reads them. Grows by doubling. Not thread-safe while it
/// is written.
class KvCache {
 public:
  KvCache(int64_t layers, int64_t key_heads, int64_t head_size);

  /// Makes room for `tokens` tokens, keeping what is stored.
  void reserve(int64_t tokens);

  /// Makes the first `tokens` tokens those of another cache of the same shape, which holds them.
  void copy_prefix(const KvCache& from, int64_t tokens);

  /// Stores the key and the value (head_size each) of token `position` of a layer and head.
  void store(int64_t layer, int64_t head, int64_t position, const float* key, const float* value);

  /// The first `count` tokens of a layer and head.
  policy::kernels::KeyValueView<float> view(int64_t layer, int64_t head, int64_t count) const;

  int64_t capacity() const { return capacity_; }

 private:
  // Elements of one layer and head: keys [D, capacity], then values [capacity, D].
  int64_t block() const { return 2 * head_size_ * capacity_; }

  int64_t layers_, key_heads_, head_size_;
  int64_t capacity_ = 0;
  std::vector<float> data_;
};

}  // namespace reckon::rollout
