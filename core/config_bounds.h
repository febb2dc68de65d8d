#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reckon {

/// Which values a configuration field may have. For lists and optional values it is a bound of each
/// element that is there.
struct Bounds {
  std::optional<double> low;
  std::optional<double> high;
  bool low_excluded = false;         ///< `low` itself is not allowed
  std::vector<std::string> choices;  ///< for strings; empty: any
  bool required = false;             ///< the key must be present

  /// For help and messages: "at least 2", "one of: none, group"; empty if anything goes.
  std::string text() const;

  /// Whether a number is inside. NaN never is where there is a limit.
  bool allows(double value) const;

  /// Whether a string is among the choices.
  bool allows(std::string_view value) const;
};

/// value >= low.
Bounds at_least(double low);
/// value <= high.
Bounds at_most(double high);
/// low <= value <= high.
Bounds between(double low, double high);
/// value > 0.
Bounds positive();
/// 0 <= value <= 1.
Bounds probability();
/// A string out of a list.
Bounds one_of(std::initializer_list<std::string_view> choices);
/// The same bounds, and the key must be present.
Bounds required(Bounds bounds = {});

}  // namespace reckon
