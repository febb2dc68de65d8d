#pragma once

#include <optional>
#include <set>
#include <string>

#include "rewards/math/term.h"

namespace reckon::rewards::math {

/// Whether two terms are the same quotient of polynomials over Q; nothing if one is not such a
/// quotient or too large.
std::optional<bool> equal_quotients(const Term& gold, const Term& prediction,
                                    const std::set<std::string>& names, const Pair& pair);

/// How two relations `left ~ right` compare as polynomials: their sides' differences, numerators
/// after cancelling, are proportional by a factor.
struct Proportion {
  bool proportional = false;
  int sign = 0;  ///< of the factor
};

/// Nothing if one is no quotient of polynomials over Q or too large.
std::optional<Proportion> proportion(const Term& gold_left, const Term& gold_right,
                                     const Term& left, const Term& right,
                                     const std::set<std::string>& names, const Pair& pair);

}  // namespace reckon::rewards::math
