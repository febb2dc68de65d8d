#include "rewards/math/scalars.h"

#include "rewards/math/constants.h"
#include "rewards/math/estimate.h"
#include "rewards/math/points.h"
#include "rewards/math/rational_value.h"
#include "rewards/math/shape.h"

namespace reckon::rewards::math {
namespace {

/// Identity of normal forms under the same choices.
bool is_identical(const Term& gold, const Term& prediction) {
  if (gold.form() != prediction.form()) return false;
  return gold.minus == prediction.minus || !contains(gold, Op::plus_minus);
}

/// ∞ equals ∞ of the same sign and takes part in no arithmetic (rule 41).
std::optional<Reason> compare_infinities(const Term& gold, const Term& prediction) {
  const bool in_gold = contains_constant(gold, Constant::infinity);
  const bool in_prediction = contains_constant(prediction, Constant::infinity);
  if (!in_gold && !in_prediction) return std::nullopt;
  const int gold_sign = infinity_sign(gold);
  const int sign = infinity_sign(prediction);
  if (in_gold && gold_sign == 0) return Reason::gold_unreadable;
  if (in_prediction && sign == 0) return Reason::unreadable;
  return gold_sign == sign ? Reason::equal_identical : Reason::different;
}

/// Series and integrals to infinity are no arithmetic with it: they are compared as trees.
bool has_tree_of_infinity(const Term& term) {
  return contains_constant(term, Constant::infinity) &&
         (contains(term, Op::opaque) || contains(term, Op::sum) || contains(term, Op::prod));
}

/// Trees of which one holds something that is only ever compared as a tree (rules 39 and 40).
bool is_opaque(const Term& term) { return contains(term, Op::opaque); }

Reason compare_closed(const Term& gold, const Term& prediction, const Pair& pair) {
  const RationalValue g = rational_value(gold, pair.clock);
  if (!g.value && g.fault != Fault::unsupported) return reason_of(g.fault, true);
  const RationalValue p = rational_value(prediction, pair.clock);
  if (!p.value && p.fault != Fault::unsupported) return reason_of(p.fault, false);
  if (g.value && p.value) {
    return fmpq_equal(g.value->get(), p.value->get()) ? Reason::equal_exact : Reason::different;
  }
  return compare_constants(gold, prediction, pair);
}

}  // namespace

Reason compare_scalars(const Term& gold, const Term& prediction, const Pair& pair) {
  // Step 1. An answer that only restates the task (rule 6).
  if (pair.options.require_evaluated && literal(gold) && is_unevaluated(prediction)) {
    return Reason::not_evaluated;
  }
  // Step 2. Infinities, identity, and what is only ever compared as a tree.
  if (has_tree_of_infinity(gold)) {
    return is_identical(gold, prediction) ? Reason::equal_identical : Reason::different;
  }
  if (const std::optional<Reason> reason = compare_infinities(gold, prediction)) return *reason;
  if (is_identical(gold, prediction)) return Reason::equal_identical;
  if (is_opaque(gold) || is_opaque(prediction)) return Reason::different;
  // Step 3. Nothing is computed before its size is known.
  if (!is_computable(gold)) return Reason::gold_unreadable;
  if (!is_computable(prediction)) return Reason::guard;
  // Step 4. Values, and expressions of symbols.
  std::set<std::string> names = open_names(gold);
  names.merge(open_names(prediction));
  const Reason reason = names.empty() ? compare_closed(gold, prediction, pair)
                                      : compare_open(gold, prediction, names, pair);
  // Step 5. A rounded gold.
  if (reason == Reason::different && names.empty() && rounds_to(gold, prediction, pair)) {
    return Reason::equal_numeric;
  }
  return reason;
}

}  // namespace reckon::rewards::math
