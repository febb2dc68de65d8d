#pragma once

#include "rewards/math/term.h"

namespace reckon::rewards::math {

/// Decides whether two terms are the same number, or the same expression of their symbols:
/// identity, then Q, then balls, Calcium and higher precision; polynomials and points where there
/// are symbols; last the decimal rule 2. Not for containers and relations.
Reason compare_scalars(const Term& gold, const Term& prediction, const Pair& pair);

/// Rule 2: `gold` shows two decimals or more, and `prediction` is no terminating decimal but
/// rounds to it, half away from zero.
bool rounds_to(const Term& gold, const Term& prediction, const Pair& pair);

}  // namespace reckon::rewards::math
