#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "core/philox.h"

namespace reckon::tasks {

/// Endless shuffled reading of a list: position `n` belongs to epoch `n / size`, and every epoch is
/// a permutation of its own, addressed by seed, stage and epoch. Safe to use by several threads.
class EpochOrder {
 public:
  /// `size` must be positive. Without `shuffle` every epoch is in the order of the list.
  EpochOrder(uint64_t seed, uint32_t stage, uint32_t size, bool shuffle);

  /// The element of the list, 0 to size - 1, that stands at `position`.
  uint32_t at(uint64_t position) const;

 private:
  using Permutation = std::shared_ptr<const std::vector<uint32_t>>;

  Permutation permutation(uint64_t epoch) const;

  uint64_t seed_;
  uint32_t stage_;
  uint32_t size_;
  bool shuffle_;
  // The epoch in use, kept because making it again for each element would be quadratic.
  mutable std::mutex mutex_;
  mutable uint64_t cached_epoch_ = 0;
  mutable Permutation cached_;
};

}  // namespace reckon::tasks
