#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reckon::rewards {

/// A number (sign 0) or an operator.
struct ExpressionToken {
  char sign = 0;
  int64_t number = 0;
};

/// An expression in postfix order, or why there is none.
struct PostfixExpression {
  std::vector<ExpressionToken> tokens;
  std::string problem;
};

/// Reads `+ - * /` on unsigned integers with parentheses and the usual precedence. Takes any text:
/// time and memory are linear in it, and nesting costs no stack.
PostfixExpression parse_expression(std::string_view text);

/// Expressions of more numbers than this have no canonical text: it would be quadratic in them.
inline constexpr size_t kMostCanonicalNumbers = 64;

/// One text for expressions that differ in parentheses and in the order of what is added or
/// multiplied only: chains of one of these two are flattened and sorted. `tokens` must be an
/// expression; empty if it has too many numbers.
std::string canonical_expression(const std::vector<ExpressionToken>& tokens);

}  // namespace reckon::rewards
