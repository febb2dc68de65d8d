#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rewards/math/tree.h"
#include "rewards/rational.h"

namespace reckon::rewards::math {

/// Gives every node of the trees of one pair a number such that two nodes have the same number if
/// and only if their normal forms are the same: sums and products flattened and sorted, rationals
/// of 64 bits folded, differences as sums, quotients as products, sets sorted and without doubles,
/// lists sorted. Nothing is evaluated, so `2^{100000000}` has a form like any other.
class NormalForms {
 public:
  /// The form of each node of `tree`. With `j_is_unit` the symbol j is the imaginary unit.
  std::vector<uint32_t> add(const Tree& tree, bool j_is_unit = false);

 private:
  /// What a sum or product is made of, so that it can be flattened into another one.
  struct Parts {
    Rational constant;            ///< the rational term or factor
    std::vector<uint32_t> forms;  ///< the others, not sorted
  };
  using Key = std::vector<uint64_t>;

  uint32_t form_of(Key key);
  uint32_t word(std::string_view text);
  uint32_t rational_form(const Rational& value);
  uint32_t node_form(const Tree& tree, uint32_t node, bool j_is_unit,
                     const std::vector<uint32_t>& forms);
  std::optional<uint32_t> arithmetic(const Tree& tree, uint32_t node,
                                     const std::vector<uint32_t>& forms);
  std::optional<uint32_t> sum(const std::vector<uint32_t>& terms);
  std::optional<uint32_t> product(const std::vector<uint32_t>& factors);
  std::optional<uint32_t> power(uint32_t base, uint32_t exponent);
  uint32_t collect(bool product, Parts parts);
  std::optional<Rational> value(uint32_t form) const;

  std::map<Key, uint32_t> forms_;
  std::map<std::string, uint32_t, std::less<>> words_;
  std::map<uint32_t, Rational> values_;
  std::map<uint32_t, Parts> sums_;
  std::map<uint32_t, Parts> products_;
};

}  // namespace reckon::rewards::math
