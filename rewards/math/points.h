#pragma once

#include <set>
#include <string>

#include "rewards/math/term.h"

namespace reckon::rewards::math {

/// Whether a term is a quotient of polynomials in its symbols, with any constants.
bool is_rational_in_symbols(const Term& term);

/// Decides whether two terms are the same function of `names` (7.5): as quotients of polynomials,
/// at random integers, or at points of both signs. Sizes must have been checked.
Reason compare_open(const Term& gold, const Term& prediction, const std::set<std::string>& names,
                    const Pair& pair);

/// Whether the quotient of two terms is one constant, as far as points can tell, for relations
/// that are no polynomials. `positive`: the constant must be positive.
Reason proportional_at_points(const Term& gold_left, const Term& gold_right, const Term& left,
                              const Term& right, bool positive, const Pair& pair);

}  // namespace reckon::rewards::math
