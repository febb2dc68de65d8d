#include "rl/sft_order.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/philox.h"
#include "rl/supervised_step.h"

namespace reckon::rl {
namespace {

std::vector<uint32_t> permutation(uint32_t size, const RandomStream& stream, uint32_t set) {
  std::vector<uint32_t> order(size);
  std::iota(order.begin(), order.end(), 0U);
  // Sample 1 and beyond are the sets' own; sample 0 is the order of an epoch.
  RandomSequence(stream, 1, set).shuffle(order);
  return order;
}

}  // namespace

SftOrder::SftOrder(std::vector<SftSet> sets, uint64_t seed, uint32_t stage)
    : sets_(std::move(sets)), seed_(seed), stage_(stage) {
  check(!sets_.empty(), ErrorCode::invalid_argument, "expected data sets, got none");
  for (const SftSet& set : sets_) {
    check(!set.documents.empty() && set.weight > 0.0, ErrorCode::invalid_argument,
          "expected documents and a positive weight, got {} and {}", set.documents.size(),
          set.weight);
  }
  // Weights so small that epochs are empty would never come to an end.
  double share = 0.0;
  for (const SftSet& set : sets_) share += set.weight * static_cast<double>(set.documents.size());
  check(share >= 1.0, ErrorCode::invalid_argument,
        "expected at least one document an epoch, got {} with these weights", share);
}

uint64_t SftOrder::set_begin(size_t set, uint64_t epoch) const {
  const auto size = static_cast<double>(sets_[set].documents.size());
  return static_cast<uint64_t>(std::llround(sets_[set].weight * size * static_cast<double>(epoch)));
}

uint64_t SftOrder::epoch_begin(uint64_t epoch) const {
  uint64_t begin = 0;
  for (size_t s = 0; s < sets_.size(); ++s) begin += set_begin(s, epoch);
  return begin;
}

uint64_t SftOrder::epoch_at(uint64_t position) const {
  uint64_t epoch = arranged_ && epoch_begin(epoch_) <= position ? epoch_ : 0;
  while (epoch_begin(epoch + 1) <= position) ++epoch;
  return epoch;
}

void SftOrder::arrange(uint64_t epoch) const {
  if (arranged_ && epoch == epoch_) return;
  order_.clear();
  for (size_t s = 0; s < sets_.size(); ++s) {
    const auto size = static_cast<uint32_t>(sets_[s].documents.size());
    std::vector<uint32_t> pass;
    for (uint64_t place = set_begin(s, epoch); place < set_begin(s, epoch + 1); ++place) {
      if (pass.empty() || place % size == 0) {
        const RandomStream stream({seed_, stage_, Purpose::shuffle, place / size});
        pass = permutation(size, stream, static_cast<uint32_t>(s));
      }
      order_.push_back({static_cast<uint32_t>(s), pass[place % size]});
    }
  }
  RandomSequence(RandomStream({seed_, stage_, Purpose::shuffle, epoch}), 0, 0).shuffle(order_);
  epoch_ = epoch;
  arranged_ = true;
}

const tasks::DocumentIds& SftOrder::at(uint64_t position) const {
  const uint64_t epoch = epoch_at(position);
  arrange(epoch);
  const Place place = order_[position - epoch_begin(epoch)];
  return sets_[place.set].documents[place.document];
}

double SftOrder::epochs_before(uint64_t position) const {
  const uint64_t epoch = epoch_at(position);
  const uint64_t begin = epoch_begin(epoch), end = epoch_begin(epoch + 1);
  return static_cast<double>(epoch) +
         static_cast<double>(position - begin) / static_cast<double>(end - begin);
}

uint64_t SftOrder::end_of(double epochs) const {
  const double whole = std::floor(epochs);
  const auto epoch = static_cast<uint64_t>(whole);
  const auto size = static_cast<double>(epoch_begin(epoch + 1) - epoch_begin(epoch));
  return epoch_begin(epoch) + static_cast<uint64_t>(std::ceil((epochs - whole) * size));
}

int64_t SftOrder::count_steps(int64_t tokens_per_step, uint64_t end) const {
  int64_t steps = 0;
  for (uint64_t cursor = 0; cursor < end; ++steps) {
    take_documents([this](uint64_t n) { return at(n); }, tokens_per_step, cursor, end);
  }
  return steps;
}

}  // namespace reckon::rl
