#pragma once

#include <optional>
#include <set>
#include <string>

#include "rewards/math/term.h"

namespace reckon::rewards::math {

/// Whether a node of this kind stands in the term.
bool contains(const Term& term, Op op);
bool contains_constant(const Term& term, Constant constant);
bool contains_function(const Term& term, Function function);
bool contains_symbol(const Term& term, std::string_view name);

/// Names of the values that a term leaves open: symbols that no sum binds, calls of unknown
/// functions.
std::set<std::string> open_names(const Term& term);

/// Whether the term is a number as far as its outermost operator tells.
bool is_scalar(const Term& term);

/// 1 for ∞, -1 for -∞, 0 for anything else.
int infinity_sign(const Term& term);

/// A literal, after a sign.
struct Literal {
  const Number* number = nullptr;
  bool negative = false;
};
std::optional<Literal> literal(const Term& term);

/// Rule 6: whether the term holds a sum, product, binomial, factorial or function, or more than
/// three operators.
bool is_unevaluated(const Term& term);

/// Rules 14 and 15: what a membership or an equation with one symbol on the left says of it.
/// `name` is the left side, empty if there was none to take off.
struct Unwrapped {
  Term term;
  std::string name;
};
Unwrapped unwrap(const Term& term);

/// Rule 28: the empty set in braces or words, and "undefined" in its spellings.
bool is_empty_answer(const Term& term);
bool is_undefined_answer(const Term& term);

/// Rule 10: an interval for certain, not by its brackets alone; or a union and the like.
bool is_interval_like(const Term& term);

/// Whether the term is an inequality, or a chain of them.
bool is_inequality(const Term& term);

}  // namespace reckon::rewards::math
