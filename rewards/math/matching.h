#pragma once

#include <functional>
#include <vector>

#include "rewards/math/term.h"

namespace reckon::rewards::math {

using Comparison = std::function<Reason(const Term& gold, const Term& prediction)>;

/// Whether the items of two collections can be paired so that each pair is equal: a bipartite
/// matching, for equality is not transitive (rule 2). `different` for unequal sizes.
Reason match(const std::vector<Term>& gold, const std::vector<Term>& prediction,
             const Comparison& compare);

}  // namespace reckon::rewards::math
