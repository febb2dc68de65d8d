#include "tasks/epoch_order.h"

#include <numeric>

#include "core/error.h"

namespace reckon::tasks {

EpochOrder::EpochOrder(uint64_t seed, uint32_t stage, uint32_t size, bool shuffle)
    : seed_(seed), stage_(stage), size_(size), shuffle_(shuffle) {
  check(size > 0, ErrorCode::invalid_argument, "expected a list with elements, got an empty one");
}

uint32_t EpochOrder::at(uint64_t position) const {
  const auto place = static_cast<uint32_t>(position % size_);
  return shuffle_ ? (*permutation(position / size_))[place] : place;
}

EpochOrder::Permutation EpochOrder::permutation(uint64_t epoch) const {
  const std::lock_guard lock(mutex_);
  if (!cached_ || cached_epoch_ != epoch) {
    std::vector<uint32_t> order(size_);
    std::iota(order.begin(), order.end(), 0U);
    RandomSequence random(RandomStream({seed_, stage_, Purpose::shuffle, epoch}), 0, 0);
    random.shuffle(order);
    cached_ = std::make_shared<const std::vector<uint32_t>>(std::move(order));
    cached_epoch_ = epoch;
  }
  return cached_;
}

}  // namespace reckon::tasks
