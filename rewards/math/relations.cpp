#include "rewards/math/relations.h"

#include <set>

#include "rewards/math/estimate.h"
#include "rewards/math/matching.h"
#include "rewards/math/points.h"
#include "rewards/math/polynomial.h"
#include "rewards/math/shape.h"

namespace reckon::rewards::math {
namespace {

/// A relation turned to `=`, `≠`, `<` or `<=`.
struct Turned {
  Relation relation;
  Term left;
  Term right;
};

Turned turn(const Term& term) {
  const auto relation = static_cast<Relation>(term.at().detail);
  const Term left = term.child(0);
  const Term right = term.child(1);
  if (relation == Relation::greater) return {Relation::less, right, left};
  if (relation == Relation::greater_equal) return {Relation::less_equal, right, left};
  return {relation, left, right};
}

std::vector<Term> links(const Term& term) {
  std::vector<Term> result;
  if (term.at().op != Op::chain) return {term};
  for (size_t i = 0; i < term.at().count; ++i) result.push_back(term.child(i));
  return result;
}

Reason compare_links(const Term& gold, const Term& prediction, const Pair& pair) {
  const Turned f = turn(gold);
  const Turned g = turn(prediction);
  if (f.relation != g.relation) return Reason::different;
  std::set<std::string> names;
  for (const Term* side : {&f.left, &f.right, &g.left, &g.right}) {
    if (!is_scalar(*side) || contains(*side, Op::opaque)) return Reason::different;
    if (contains_constant(*side, Constant::infinity)) return Reason::different;
    const bool of_gold = side == &f.left || side == &f.right;
    if (!is_computable(*side)) return of_gold ? Reason::gold_unreadable : Reason::guard;
    names.merge(open_names(*side));
  }
  const bool ordered = f.relation == Relation::less || f.relation == Relation::less_equal;
  if (const std::optional<Proportion> found =
          proportion(f.left, f.right, g.left, g.right, names, pair)) {
    const bool equal = found->proportional && (!ordered || found->sign > 0);
    return equal ? Reason::equal_exact : Reason::different;
  }
  return proportional_at_points(f.left, f.right, g.left, g.right, ordered, pair);
}

}  // namespace

Reason compare_relations(const Term& gold, const Term& prediction, const Pair& pair) {
  if (gold.form() == prediction.form() && gold.minus == prediction.minus) {
    return Reason::equal_identical;
  }
  // Any number of links: a chain is the set of them.
  return match(links(gold), links(prediction),
               [&pair](const Term& g, const Term& p) { return compare_links(g, p, pair); });
}

}  // namespace reckon::rewards::math
