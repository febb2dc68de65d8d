#include "rewards/math/line.h"

#include <algorithm>

#include "rewards/math/estimate.h"
#include "rewards/math/evaluate_ball.h"
#include "rewards/math/evaluate_exact.h"
#include "rewards/math/rational_value.h"
#include "rewards/math/shape.h"

namespace reckon::rewards::math {
namespace {

bool has_symbol_left(const Term& link) {
  const Op op = link.child(0).at().op;
  return op == Op::symbol || op == Op::call;
}

Relation flipped(Relation relation) {
  switch (relation) {
    case Relation::less:
      return Relation::greater;
    case Relation::less_equal:
      return Relation::greater_equal;
    case Relation::greater:
      return Relation::less;
    case Relation::greater_equal:
      return Relation::less_equal;
    default:
      return relation;
  }
}

}  // namespace

std::optional<int> order_of(const Term& a, const Term& b, const Pair& pair) {
  const RationalValue x = rational_value(a, pair.clock);
  const RationalValue y = x.value ? rational_value(b, pair.clock) : RationalValue();
  if (y.value) {
    const int sign = fmpq_cmp(x.value->get(), y.value->get());
    return sign < 0 ? -1 : sign > 0;
  }
  for (const slong precision : {64, 256}) {
    const BallValue left = ball_value(a, precision, pair.clock);
    const BallValue right = ball_value(b, precision, pair.clock);
    if (!left.value || !right.value) return std::nullopt;
    const arb_srcptr l = acb_realref(left.value->get());
    const arb_srcptr r = acb_realref(right.value->get());
    if (!acb_is_real(left.value->get()) || !acb_is_real(right.value->get())) continue;
    if (arb_lt(l, r)) return -1;
    if (arb_gt(l, r)) return 1;
  }
  return order(a, b, pair.clock);
}

bool Line::add_end(const Term& end) {
  if (infinity_sign(end) != 0) return true;
  if (!is_scalar(end) || contains(end, Op::opaque) || contains(end, Op::plus_minus)) return false;
  if (contains_constant(end, Constant::infinity) || !open_names(end).empty()) return false;
  if (!is_computable(end) || pair_.clock.late()) return false;
  size_t low = 0;
  size_t high = ends_.size();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    const std::optional<int> sign = order_of(end, ends_[middle], pair_);
    if (!sign) return false;
    if (*sign == 0) {
      same_[{end.tree, end.node}] = same_.at({ends_[middle].tree, ends_[middle].node});
      return true;
    }
    if (*sign < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  same_[{end.tree, end.node}] = static_cast<uint32_t>(same_.size());
  ends_.insert(ends_.begin() + static_cast<ptrdiff_t>(low), end);
  return true;
}

bool Line::add_link(const Term& link) {
  if (link.at().op != Op::relation) return false;
  const size_t symbol = has_symbol_left(link) ? 0 : 1;
  const Term name = link.child(symbol);
  if (name.at().op != Op::symbol && name.at().op != Op::call) return false;
  names_.insert(atom_name(name, name.node));
  return names_.size() == 1 && add_end(link.child(1 - symbol));
}

bool Line::add(const Term& set) {
  switch (set.at().op) {
    case Op::relation:
      return add_link(set);
    case Op::named_set:
      return set.at().detail == static_cast<uint8_t>(NamedSet::reals);
    case Op::tuple:
      if (set.at().count != 2) return false;
      [[fallthrough]];
    case Op::interval:
    case Op::set:
      for (size_t i = 0; i < set.at().count; ++i) {
        if (!add_end(set.child(i))) return false;
      }
      return true;
    case Op::set_union:
    case Op::set_intersection:
    case Op::set_difference:
    case Op::chain:
    case Op::list:
      for (size_t i = 0; i < set.at().count; ++i) {
        if (!add(set.child(i))) return false;
      }
      return true;
    default:
      return false;
  }
}

long Line::place(const Term& end) const {
  const int infinite = infinity_sign(end);
  if (infinite != 0) return infinite < 0 ? -1 : static_cast<long>(size());
  const uint32_t group = same_.at({end.tree, end.node});
  for (size_t i = 0; i < ends_.size(); ++i) {
    if (same_.at({ends_[i].tree, ends_[i].node}) == group) return static_cast<long>(2 * i + 1);
  }
  return -1;
}

std::vector<bool> Line::piece(const Term& low, bool low_belongs, const Term& high,
                              bool high_belongs) const {
  std::vector<bool> cells(size());
  const long first = place(low);
  const long last = place(high);
  for (long cell = 0; cell < static_cast<long>(cells.size()); ++cell) {
    const bool above = cell > first || (cell == first && low_belongs);
    const bool below = cell < last || (cell == last && high_belongs);
    cells[static_cast<size_t>(cell)] = above && below;
  }
  return cells;
}

std::vector<bool> Line::of_link(const Term& link) const {
  const bool symbol_left = has_symbol_left(link);
  const long end = place(link.child(symbol_left ? 1 : 0));
  auto relation = static_cast<Relation>(link.at().detail);
  if (!symbol_left) relation = flipped(relation);
  std::vector<bool> cells(size());
  for (long cell = 0; cell < static_cast<long>(cells.size()); ++cell) {
    bool inside = false;
    switch (relation) {
      case Relation::equal:
        inside = cell == end;
        break;
      case Relation::not_equal:
        inside = cell != end;
        break;
      case Relation::less:
        inside = cell < end;
        break;
      case Relation::less_equal:
        inside = cell <= end;
        break;
      case Relation::greater:
        inside = cell > end;
        break;
      case Relation::greater_equal:
        inside = cell >= end;
        break;
    }
    cells[static_cast<size_t>(cell)] = inside;
  }
  return cells;
}

std::vector<bool> Line::combined(const Term& set) const {
  std::vector<bool> total = cells(set.child(0));
  const Op op = set.at().op;
  for (size_t i = 1; i < set.at().count; ++i) {
    const std::vector<bool> next = cells(set.child(i));
    for (size_t cell = 0; cell < total.size(); ++cell) {
      const bool a = total[cell];
      const bool b = next[cell];
      if (op == Op::set_union || op == Op::list) total[cell] = a || b;
      if (op == Op::set_intersection || op == Op::chain) total[cell] = a && b;
      if (op == Op::set_difference) total[cell] = a && !b;
    }
  }
  return total;
}

std::vector<bool> Line::cells(const Term& set) const {
  switch (set.at().op) {
    case Op::relation:
      return of_link(set);
    case Op::named_set:
      return std::vector<bool>(size(), true);
    case Op::tuple:
      return piece(set.child(0), false, set.child(1), false);
    case Op::interval:
      return piece(set.child(0), (set.at().detail & 1) != 0, set.child(1),
                   (set.at().detail & 2) != 0);
    case Op::set: {
      std::vector<bool> result(size());
      for (size_t i = 0; i < set.at().count; ++i) {
        const long cell = place(set.child(i));
        if (cell >= 0 && cell < static_cast<long>(size())) result[static_cast<size_t>(cell)] = true;
      }
      return result;
    }
    default:
      return combined(set);
  }
}

}  // namespace reckon::rewards::math
