#pragma once

// Sets of reals. Only the .cpp files of this folder include this.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rewards/math/term.h"

namespace reckon::rewards::math {

/// -1, 0 or 1 for a < b, a = b, a > b; nothing if it cannot be told. Sizes must have been checked.
std::optional<int> order_of(const Term& a, const Term& b, const Pair& pair);

/// The real line cut at the ends of all pieces of some sets. A set is then one bit for every end
/// and every gap between, so that union, merging and the like are arithmetic of bits.
class Line {
 public:
  explicit Line(const Pair& pair) : pair_(pair) {}

  /// Collects the ends that a set mentions; false if it is no set of reals that can be cut: ends
  /// with symbols, an order that cannot be told, other named sets.
  bool add(const Term& set);

  /// The set as bits, after all sets are added: gap, end, gap, end, ..., gap.
  std::vector<bool> cells(const Term& set) const;

 private:
  bool add_end(const Term& end);
  bool add_link(const Term& link);
  /// Where an end lies among the cells; -1 for -∞, the number of cells for ∞.
  long place(const Term& end) const;
  size_t size() const { return 2 * ends_.size() + 1; }
  std::vector<bool> piece(const Term& low, bool low_belongs, const Term& high,
                          bool high_belongs) const;
  std::vector<bool> combined(const Term& set) const;
  std::vector<bool> of_link(const Term& link) const;

  const Pair& pair_;
  std::set<std::string> names_;                                ///< the symbol of the inequalities
  std::vector<Term> ends_;                                     ///< in order
  std::map<std::pair<const Tree*, uint32_t>, uint32_t> same_;  ///< of an end: one of equal value
};

}  // namespace reckon::rewards::math
