#pragma once

#include "rewards/math/term.h"

namespace reckon::rewards::math {

/// Decides whether two relations, or chains of them, say the same (rules 16 and 17).
Reason compare_relations(const Term& gold, const Term& prediction, const Pair& pair);

}  // namespace reckon::rewards::math
