#include "rewards/countdown_expression.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace reckon::rewards {

namespace {

int precedence(char sign) {
  if (sign == '(') return 0;
  return sign == '+' || sign == '-' ? 1 : 2;
}

/// Dijkstra's shunting yard. Its stack is on the heap, so that nesting may be as deep as it likes.
class Parser {
 public:
  PostfixExpression parse(std::string_view text) {
    for (size_t at = 0; at < text.size();) {
      const char c = text[at];
      const size_t used = c >= '0' && c <= '9' ? number(text.substr(at)) : sign(c);
      if (used == 0) return {{}, std::move(problem_)};
      at += used;
    }
    while (!signs_.empty() && signs_.back() != '(') pop();
    if (expects_operand_ || !signs_.empty()) return {{}, kNoExpression};
    return {std::move(tokens_), {}};
  }

 private:
  static constexpr const char* kNoExpression = "not an expression";

  /// How many characters the number at the beginning of `text` takes; 0 if it cannot stand here.
  size_t number(std::string_view text) {
    ExpressionToken token;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), token.number);
    if (error != std::errc()) problem_ = "uses a number beyond 64 bits";
    if (error != std::errc() || !expects_operand_) return 0;
    tokens_.push_back(token);
    expects_operand_ = false;
    return static_cast<size_t>(end - text.data());
  }

  /// 1 if the character may stand here, else 0.
  size_t sign(char c) {
    switch (c) {
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        return 1;
      case '(':
        if (!expects_operand_) return 0;
        signs_.push_back(c);
        return 1;
      case ')':
        return !expects_operand_ && close() ? 1 : 0;
      case '+':
      case '-':
      case '*':
      case '/':
        if (expects_operand_) return 0;
        while (!signs_.empty() && precedence(signs_.back()) >= precedence(c)) pop();
        signs_.push_back(c);
        expects_operand_ = true;
        return 1;
      default:
        return 0;
    }
  }

  bool close() {
    while (!signs_.empty() && signs_.back() != '(') pop();
    if (signs_.empty()) return false;
    signs_.pop_back();
    return true;
  }

  void pop() {
    tokens_.push_back({signs_.back(), 0});
    signs_.pop_back();
  }

  std::vector<ExpressionToken> tokens_;
  std::vector<char> signs_;
  bool expects_operand_ = true;
  std::string problem_ = kNoExpression;
};

/// A part of an expression on its way to canonical text.
struct Term {
  char sign = 0;                      // 0: a number
  int64_t number = 0;                 // of a number
  std::vector<std::string> operands;  // sorted for + and *

  std::string text() const {
    if (sign == 0) return std::to_string(number);
    return fmt::format("{}", fmt::join(operands, fmt::format(" {} ", sign)));
  }

  std::string as_operand() const { return sign == 0 ? text() : fmt::format("({})", text()); }
};

Term joined(char sign, Term left, Term right) {
  const bool commutes = sign == '+' || sign == '*';
  Term result{sign, 0, {}};
  for (Term* term : {&left, &right}) {
    if (commutes && term->sign == sign) {
      std::ranges::move(term->operands, std::back_inserter(result.operands));
    } else {
      result.operands.push_back(term->as_operand());
    }
  }
  if (commutes) std::ranges::sort(result.operands);
  return result;
}

}  // namespace

PostfixExpression parse_expression(std::string_view text) { return Parser().parse(text); }

std::string canonical_expression(const std::vector<ExpressionToken>& tokens) {
  if (tokens.size() >= 2 * kMostCanonicalNumbers) return {};
  std::vector<Term> stack;
  for (const ExpressionToken& token : tokens) {
    if (token.sign == 0) {
      stack.push_back({0, token.number, {}});
      continue;
    }
    Term right = std::move(stack.back());
    stack.pop_back();
    stack.back() = joined(token.sign, std::move(stack.back()), std::move(right));
  }
  return stack.back().text();
}

}  // namespace reckon::rewards
