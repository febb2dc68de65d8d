#pragma once

// Differences too small for any precision. Only the .cpp files of this folder include this.

#include "rewards/math/evaluate_ball.h"
#include "rewards/math/term.h"

namespace reckon::rewards::math {

/// Whether the difference of two terms, after the addends that both have and all rational ones are
/// taken together, is a ball without 0: a proof that they differ, also where the difference is far
/// below the last digit of either, as of 5 and 5+e^{-10000}. Sizes must have been checked.
bool differs_after_cancelling(const Term& gold, const Term& prediction, const Clock& clock,
                              const SymbolValues& symbols);

}  // namespace reckon::rewards::math
