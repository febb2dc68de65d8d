#pragma once

#include "rewards/math/term.h"

namespace reckon::rewards::math {

/// Decides whether two sets of reals are the same: intervals (a pair is an open one), unions,
/// intersections, differences, finite sets, and on the gold's side inequalities of one symbol
/// (rules 9 to 13). Pieces that overlap or touch are merged.
Reason compare_sets(const Term& gold, const Term& prediction, const Pair& pair);

}  // namespace reckon::rewards::math
