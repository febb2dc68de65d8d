#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/philox.h"

namespace reckon::tasks {

/// Draws one of several things, each as often as its weight says. Immutable.
class WeightedChoice {
 public:
  /// Throws `invalid_argument` that names `place` if the weights are not `size` numbers of at least
  /// 0 with a positive sum.
  WeightedChoice(const std::vector<double>& weights, size_t size, const std::string& place);

  /// 0 to size - 1; takes one uniform number.
  size_t draw(RandomSequence& random) const;

 private:
  std::vector<double> sums_;  // running sums of the weights
};

}  // namespace reckon::tasks
