#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reckon::rewards::math {

/// What a node of a tree is. Children are in reading order.
enum class Op : uint8_t {
  number,            ///< a literal; `index` into `Tree::numbers`
  symbol,            ///< a name; `index` into `Tree::names`
  constant,          ///< `detail` is a `Constant`
  neg,               ///< -a
  add,               ///< a + b + ...
  mul,               ///< a b ...
  div,               ///< a / b
  pow,               ///< a ^ b
  root,              ///< `detail`-th root of a (2 for a square root), kept apart from `pow`
  func,              ///< `detail` is a `Function`
  factorial,         ///< a!
  binom,             ///< a over b
  mod,               ///< a mod b
  sum,               ///< variable, lower, upper, body
  prod,              ///< variable, lower, upper, body
  opaque,            ///< compared as a tree only; `index` names it ("int", "lim", "dots", "cases")
  call,              ///< f(x), f(x,y) of an unknown function; `index` names it
  plus_minus,        ///< ±a as a term; `detail` is 0 for ±, 1 for ∓
  tuple,             ///< (a, b, ...), at least two; may be an open interval (rule 10)
  list,              ///< a, b, ... without brackets
  set,               ///< {a, b, ...}; none is the empty set
  named_set,         ///< `detail` is a `NamedSet`
  interval,          ///< two ends; `detail` bit 0: left end belongs, bit 1: right end belongs
  set_union,         ///< a ∪ b ∪ ...
  set_intersection,  ///< a ∩ b ∩ ...
  set_difference,    ///< a \ b
  relation,          ///< left, right; `detail` is a `Relation`
  chain,             ///< a < b <= c ...: children are the `relation`s of neighbours
  membership,        ///< x ∈ S
  matrix,            ///< row by row; `detail` is the number of rows
  determinant,       ///< of a matrix written with bars; row by row, `detail` is the number of rows
  ratio,             ///< a : b : ..., as 3:4 or 12:00
  text,              ///< words; `index` into `Tree::names`, folded (rule 28)
  choice,            ///< a letter A to J alone; `detail` is its place from 0
};

enum class Constant : uint8_t { pi, e, i, infinity };

enum class Function : uint8_t {
  sin, cos, tan, cot, sec, csc,
  asin, acos, atan, acot, asec, acsc,
  sinh, cosh, tanh, coth, sech, csch,
  asinh, acosh, atanh,
  ln, log,  ///< `log` has one child, its base is not given (rule 32)
  log_base,  ///< base, argument
  exp, gcd, lcm, min, max,
  abs, floor, ceil, re, im, conj, arg, sign,
};

enum class NamedSet : uint8_t { reals, integers, naturals, rationals, complexes };

enum class Relation : uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };

/// A number as it was written: `digits`, in `base`, times the base to the `exponent`.
struct Number {
  std::string digits;  ///< without sign, separators and leading zeros; "0" for zero; 0-9 A-Z
  int32_t exponent = 0;        ///< -2 for 1.25
  int32_t decimals_shown = 0;  ///< digits behind the point as written; 2 for 1.50
  bool decimal = false;        ///< written with a point
  uint8_t base = 10;
  bool base_shown = false;  ///< the base stands beside it, as in 1323_4
  bool operator==(const Number&) const = default;
};

/// One node. Plain data; its children are `Tree::children[first .. first + count)`.
struct Node {
  Op op = Op::number;
  uint8_t detail = 0;
  bool parenthesised = false;  ///< stood in parentheses of its own: (2)(3), not 23
  uint32_t index = 0;
  uint32_t first = 0;
  uint32_t count = 0;
};

/// An expression. All nodes lie in one arena, children before their parents, so that nothing about
/// a tree needs recursion to be destroyed, and a node's number is larger than its children's.
struct Tree {
  std::vector<Node> nodes;
  std::vector<uint32_t> children;
  std::vector<Number> numbers;
  std::vector<std::string> names;
  uint32_t root = 0;

  const Node& at(uint32_t node) const { return nodes[node]; }
  std::span<const uint32_t> children_of(uint32_t node) const {
    return {children.data() + nodes[node].first, nodes[node].count};
  }

  /// Appends a node and returns its number. `kids` must not point into `children`.
  uint32_t add(Op op, std::span<const uint32_t> kids = {}, uint8_t detail = 0, uint32_t index = 0);
  uint32_t add_number(Number number);
  uint32_t add_name(Op op, std::string_view name);
};

/// What stood beside the expression.
struct Marks {
  bool percent = false;  ///< %, \%, "percent" at top level
  bool degrees = false;  ///< ^\circ at top level
  std::string unit;      ///< known unit in canonical spelling ("cm^2"); empty if none or unknown
  std::string currency;  ///< "$", "€", ... ; empty if none
};

/// One way to read an answer.
struct Reading {
  Tree tree;
  Marks marks;
};

/// Text of a tree in LaTeX that parses to the same tree again.
std::string to_latex(const Tree& tree, uint32_t node);
std::string to_latex(const Reading& reading);

}  // namespace reckon::rewards::math
