#pragma once

// Values in Q. Only the .cpp files of this folder include this.

#include <optional>

#include "rewards/math/walk.h"
#include "rewards/rational.h"

namespace reckon::rewards::math {

/// The value of a term in Q, or why it has none. Its size must have been checked.
struct RationalValue {
  std::optional<Fraction> value;
  Fault fault = Fault::none;
};
RationalValue rational_value(const Term& term, const Clock& clock);

/// The value of a written number, without any library; nothing if it is long, or not in base 10.
std::optional<Rational> small_value(const Number& number);

/// The same for a node that is a number, its negative, or a quotient of two.
std::optional<Rational> small_value(const Tree& tree, uint32_t node);

}  // namespace reckon::rewards::math
