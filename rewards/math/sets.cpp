#include "rewards/math/sets.h"

#include "rewards/math/line.h"
#include "rewards/math/matching.h"
#include "rewards/math/scalars.h"
#include "rewards/math/shape.h"

namespace reckon::rewards::math {
namespace {

std::vector<Term> pieces(const Term& set) {
  std::vector<Term> result;
  if (set.at().op != Op::set_union) return {set};
  for (size_t i = 0; i < set.at().count; ++i) result.push_back(set.child(i));
  return result;
}

bool is_piece(const Term& term) {
  return term.at().op == Op::interval || (term.at().op == Op::tuple && term.at().count == 2);
}

/// Two pieces by their ends and brackets, rounded golds included.
Reason compare_pieces(const Term& gold, const Term& prediction, const Pair& pair) {
  if (gold.form() == prediction.form()) return Reason::equal_identical;
  if (!is_piece(gold) || !is_piece(prediction)) return Reason::different;
  const auto brackets = [](const Term& t) {
    return t.at().op == Op::tuple ? 0 : static_cast<int>(t.at().detail);
  };
  if (brackets(gold) != brackets(prediction)) return Reason::different;
  return both(compare_scalars(gold.child(0), prediction.child(0), pair),
              compare_scalars(gold.child(1), prediction.child(1), pair));
}

}  // namespace

Reason compare_sets(const Term& gold, const Term& prediction, const Pair& pair) {
  // Step 1. Piece by piece, as written.
  const Reason written =
      match(pieces(gold), pieces(prediction),
            [&pair](const Term& g, const Term& p) { return compare_pieces(g, p, pair); });
  if (written != Reason::different) return written;
  // Step 2. As sets of points, where every end has its place.
  Line line(pair);
  if (!line.add(gold) || !line.add(prediction)) return written;
  return line.cells(gold) == line.cells(prediction) ? Reason::equal_exact : Reason::different;
}

}  // namespace reckon::rewards::math
