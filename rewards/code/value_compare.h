#pragma once

#include <cstdint>
#include <string>

#include "rewards/code/value.h"

namespace reckon::rewards::code {

/// How a returned value is compared with the expected one.
enum class ValueRule : uint8_t {
  equal,      ///< Python's ==
  identical,  ///< `is`, of None, True and False
  truthy,
  falsy,
  near,      ///< abs(f(x) - y) < absolute (or <=, if not `strict`)
  isclose,   ///< math.isclose
  set,       ///< set(f(x)) == y
  multiset,  ///< sorted(f(x)) == y
  items,     ///< tuple(f(x)) == y, list(f(x)) == y
};

/// What a call must return.
struct Expected {
  ValueRule rule = ValueRule::equal;
  Value value = {};
  double absolute = 0.0;  ///< with `equal`: tolerance of floats, like `relative`
  double relative = 0.0;
  bool strict = false;
  bool tuple_as_list = false;  ///< a tuple equals a list of the same items
};

/// Whether `actual` is as expected. Time about linear in the values. Never throws on content;
/// thread-safe.
bool as_expected(const Expected& expected, const Value& actual);

/// A text that two values share exactly if Python's == holds between them: numbers by value,
/// whatever their type; sets and dicts without regard to order.
std::string canonical_text(const Value& value, bool tuple_as_list = false);

}  // namespace reckon::rewards::code
