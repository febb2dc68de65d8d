#include "core/config_bounds.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace reckon {

std::string Bounds::text() const {
  if (!choices.empty()) return fmt::format("one of: {}", fmt::join(choices, ", "));
  if (low && high) return fmt::format("between {} and {}", *low, *high);
  if (low && low_excluded) return fmt::format("more than {}", *low);
  if (low) return fmt::format("at least {}", *low);
  if (high) return fmt::format("at most {}", *high);
  return {};
}

bool Bounds::allows(double value) const {
  if (low && !(low_excluded ? value > *low : value >= *low)) return false;
  return !high || value <= *high;
}

bool Bounds::allows(std::string_view value) const {
  return choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end();
}

Bounds at_least(double low) {
  Bounds bounds;
  bounds.low = low;
  return bounds;
}

Bounds at_most(double high) {
  Bounds bounds;
  bounds.high = high;
  return bounds;
}

Bounds between(double low, double high) {
  Bounds bounds;
  bounds.low = low;
  bounds.high = high;
  return bounds;
}

Bounds positive() {
  Bounds bounds = at_least(0);
  bounds.low_excluded = true;
  return bounds;
}

Bounds probability() { return between(0, 1); }

Bounds one_of(std::initializer_list<std::string_view> choices) {
  Bounds bounds;
  bounds.choices.assign(choices.begin(), choices.end());
  return bounds;
}

Bounds required(Bounds bounds) {
  bounds.required = true;
  return bounds;
}

}  // namespace reckon
