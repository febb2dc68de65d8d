#pragma once

// Values as balls. Only the .cpp files of this folder include this.

#include <functional>
#include <string_view>

#include "rewards/math/walk.h"

namespace reckon::rewards::math {

/// The value of a symbol at a precision in bits.
using SymbolValues = std::function<std::optional<Ball>(std::string_view name, slong precision)>;

/// The value of a term as a ball.
struct BallValue {
  std::optional<Ball> value;  ///< may be infinitely wide
  Fault fault = Fault::none;
  slong magnitude = 0;  ///< bits of the largest value met on the way
  bool real = true;     ///< all values met on the way were real
};

/// Evaluates at `precision` bits. Odd roots of negative reals are real (rule 31). The size must
/// have been checked.
BallValue ball_value(const Term& term, slong precision, const Clock& clock,
                     const SymbolValues& symbols = {});

}  // namespace reckon::rewards::math
