#pragma once

#include "rewards/math/term.h"

namespace reckon::rewards::math {

/// Whether the value of a term is small enough to be computed, judged from the bottom up without
/// computing anything: bits of powers, factorials and exponentials, terms of sums, degrees of
/// powers of symbols, depth. Bounds saturate; a bound is never below the true size.
bool is_computable(const Term& term);

/// Upper bound of the bits of the largest value that evaluating the term meets.
double predicted_bits(const Term& term);

}  // namespace reckon::rewards::math
