#include "rollout/kv_cache.h"

#include <doctest/doctest.h>

#include "policy/kernels/vec.h"

namespace reckon::rollout {
namespace {

constexpr int64_t kLayers = 2, kHeads = 3, kSize = 6;

float key_of(int64_t layer, int64_t head, int64_t position, int64_t d) {
  return static_cast<float>(((layer * kHeads + head) * 1000 + position) * 10 + d);
}

void fill(KvCache& cache, int64_t first, int64_t last) {
  for (int64_t layer = 0; layer < kLayers; ++layer) {
    for (int64_t head = 0; head < kHeads; ++head) {
      for (int64_t position = first; position < last; ++position) {
        std::array<float, kSize> key, value;
        for (int64_t d = 0; d < kSize; ++d) {
          key[static_cast<size_t>(d)] = key_of(layer, head, position, d);
          value[static_cast<size_t>(d)] = -key_of(layer, head, position, d);
        }
        cache.store(layer, head, position, key.data(), value.data());
      }
    }
  }
}

// How many of the first `count` tokens' numbers differ from what `fill` stored.
int64_t wrong(const KvCache& cache, int64_t count) {
  int64_t result = 0;
  for (int64_t layer = 0; layer < kLayers; ++layer) {
    for (int64_t head = 0; head < kHeads; ++head) {
      const auto view = cache.view(layer, head, count);
      result += view.count != count;
      for (int64_t position = 0; position < count; ++position) {
        for (int64_t d = 0; d < kSize; ++d) {
          const float key = key_of(layer, head, position, d);
          result += view.keys_t[d * view.key_stride + position] != key;
          result += view.values[position * view.value_stride + d] != -key;
        }
      }
    }
  }
  return result;
}

TEST_CASE("kv_cache: what is stored is read back, also after the cache has grown") {
  KvCache cache(kLayers, kHeads, kSize);
  int64_t stored = 0;
  for (const int64_t size : {1, 5, 16, 17, 40, 300, 301}) {
    cache.reserve(size);
    CHECK(cache.capacity() >= size);
    fill(cache, stored, size);
    stored = size;
    CHECK(wrong(cache, stored) == 0);
  }
}

TEST_CASE("kv_cache: rows are padded to whole registers, so they can be read past their end") {
  KvCache cache(1, 1, 2);
  for (const int64_t size : {1, 15, 16, 17, 100}) {
    cache.reserve(size);
    CHECK(cache.capacity() % policy::kernels::kLanes<float> == 0);
    CHECK(cache.view(0, 0, size).key_stride == cache.capacity());
  }
}

TEST_CASE("kv_cache: it grows by doubling and never shrinks") {
  KvCache cache(1, 1, 2);
  cache.reserve(100);
  const int64_t first = cache.capacity();
  cache.reserve(10);
  CHECK(cache.capacity() == first);
  cache.reserve(first + 1);
  CHECK(cache.capacity() >= 2 * first);
}

}  // namespace
}  // namespace reckon::rollout
