#include "rollout/kv_cache.h"

#include "policy/kernels/vec.h"

namespace reckon::rollout {

namespace kernels = policy::kernels;

KvCache::KvCache(int64_t layers, int64_t key_heads, int64_t head_size)
    : layers_(layers), key_heads_(key_heads), head_size_(head_size) {}

void KvCache::reserve(int64_t tokens) {
  if (tokens <= capacity_) return;
  KvCache larger(layers_, key_heads_, head_size_);
  larger.capacity_ = kernels::padded<float>(std::max(tokens, 2 * capacity_));
  larger.data_.resize(static_cast<size_t>(layers_ * key_heads_ * larger.block()));
  for (int64_t i = 0; i < layers_ * key_heads_; ++i) {
    const float* from = data_.data() + i * block();
    float* to = larger.data_.data() + i * larger.block();
    for (int64_t d = 0; d < head_size_; ++d) {
      std::copy_n(from + d * capacity_, capacity_, to + d * larger.capacity_);
    }
    std::copy_n(from + head_size_ * capacity_, head_size_ * capacity_,
                to + head_size_ * larger.capacity_);
  }
  *this = std::move(larger);
}

void KvCache::copy_prefix(const KvCache& from, int64_t tokens) {
  reserve(tokens);
  for (int64_t i = 0; i < layers_ * key_heads_; ++i) {
    const float* source = from.data_.data() + i * from.block();
    float* target = data_.data() + i * block();
    for (int64_t d = 0; d < head_size_; ++d) {
      std::copy_n(source + d * from.capacity_, tokens, target + d * capacity_);
    }
    std::copy_n(source + head_size_ * from.capacity_, head_size_ * tokens,
                target + head_size_ * capacity_);
  }
}

void KvCache::store(int64_t layer, int64_t head, int64_t position, const float* key,
                    const float* value) {
  float* keys_t = data_.data() + (layer * key_heads_ + head) * block();
  for (int64_t d = 0; d < head_size_; ++d) keys_t[d * capacity_ + position] = key[d];
  std::copy_n(value, head_size_, keys_t + head_size_ * capacity_ + position * head_size_);
}

kernels::KeyValueView<float> KvCache::view(int64_t layer, int64_t head, int64_t count) const {
  const float* keys_t = data_.data() + (layer * key_heads_ + head) * block();
  return {keys_t, capacity_, keys_t + head_size_ * capacity_, head_size_, count};
}

}  // namespace reckon::rollout
