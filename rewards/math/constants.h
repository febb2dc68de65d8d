#pragma once

// Numbers that are not rational. Only the .cpp files of this folder include this.

#include "rewards/math/evaluate_exact.h"
#include "rewards/math/term.h"

namespace reckon::rewards::math {

/// The reason that a fault of one side stands for.
Reason reason_of(Fault fault, bool of_gold);

/// Whether two terms are the same number (7.4), their symbols standing for the values of `point`.
/// Sizes must have been checked.
Reason compare_constants(const Term& gold, const Term& prediction, const Pair& pair,
                         const RationalPoint& point = {});

}  // namespace reckon::rewards::math
