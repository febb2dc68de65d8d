#include "tasks/weighted_choice.h"

#include <algorithm>

#include "core/error.h"

namespace reckon::tasks {

WeightedChoice::WeightedChoice(const std::vector<double>& weights, size_t size,
                               const std::string& place) {
  double sum = 0;
  for (const double weight : weights) {
    check(weight >= 0, ErrorCode::invalid_argument, "expected weights of at least 0, got {}, in {}",
          weight, place);
    sums_.push_back(sum += weight);
  }
  check(sums_.size() == size && sum > 0, ErrorCode::invalid_argument,
        "expected {} weights with a positive sum, got {} with the sum {}, in {}", size,
        sums_.size(), sum, place);
}

size_t WeightedChoice::draw(RandomSequence& random) const {
  const double drawn = random.next_uniform() * sums_.back();
  const auto found = std::upper_bound(sums_.begin(), sums_.end(), drawn);
  return static_cast<size_t>(found - sums_.begin());
}

}  // namespace reckon::tasks
