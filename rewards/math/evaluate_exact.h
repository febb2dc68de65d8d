#pragma once

// Values in Calcium. Only the .cpp files of this folder include this.

#include <functional>
#include <string_view>

#include "rewards/math/walk.h"

namespace reckon::rewards::math {

/// The rational value of a symbol at a point.
using RationalPoint = std::function<std::optional<Fraction>(std::string_view name)>;

/// Equality, as far as Calcium can prove one thing or the other.
enum class Proof : uint8_t { equal, different, unknown };

/// Whether two terms are the same number, both evaluated in one fresh context. Odd roots of
/// negative reals are real (rule 31). Terms with more than a dozen roots and functions, or values
/// of more than 1024 bits, are not tried: they take seconds. Sizes must have been checked.
Proof prove(const Term& gold, const Term& prediction, const Clock& clock,
            const RationalPoint& point = {});

/// The value of a term if Calcium finds it to be rational.
std::optional<Fraction> found_rational(const Term& term, const Clock& clock);

/// The sign of a - b for real terms: -1, 0, 1; nothing if it is not known.
std::optional<int> order(const Term& a, const Term& b, const Clock& clock);

}  // namespace reckon::rewards::math
