#pragma once

#include "rewards/math/term.h"

namespace reckon::rewards::math {

/// Decides whether two terms of any shape are equal by the shape of the gold: choices, text,
/// matrices, ratios, tuples, lists, sets, intervals, relations, numbers.
Reason compare(const Term& gold, const Term& prediction, const Pair& pair);

}  // namespace reckon::rewards::math
