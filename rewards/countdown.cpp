#include "rewards/countdown.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "core/error.h"
#include "rewards/rational.h"

namespace reckon::rewards {

namespace {

/// A number (sign 0) or an operator.
struct Token {
  char sign = 0;
  int64_t number = 0;
};

/// An expression in postfix order, or why there is none.
struct Postfix {
  std::vector<Token> tokens;
  std::string problem;
};

int precedence(char sign) {
  if (sign == '(') return 0;
  return sign == '+' || sign == '-' ? 1 : 2;
}

/// Dijkstra's shunting yard. Its stack is on the heap, so that nesting may be as deep as it likes.
class Parser {
 public:
  Postfix parse(std::string_view text) {
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
    Token token;
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

  std::vector<Token> tokens_;
  std::vector<char> signs_;
  bool expects_operand_ = true;
  std::string problem_ = kNoExpression;
};

std::string times(int64_t count) {
  if (count == 1) return "once";
  return count == 2 ? "twice" : fmt::format("{} times", count);
}

/// What is wrong with the choice of numbers; empty if each is used as often as it is given.
std::string wrong_use(const std::vector<Token>& tokens, std::span<const int64_t> numbers) {
  std::vector<int64_t> given(numbers.begin(), numbers.end());
  std::sort(given.begin(), given.end());
  std::vector<int64_t> uses(given.size(), 0);  // counted at the first place of each number
  for (const Token& token : tokens) {
    if (token.sign != 0) continue;
    const auto found = std::lower_bound(given.begin(), given.end(), token.number);
    if (found == given.end() || *found != token.number) {
      return fmt::format("uses {}, which is not given", token.number);
    }
    ++uses[static_cast<size_t>(found - given.begin())];
  }
  for (size_t first = 0; first < given.size();) {
    const auto last = std::upper_bound(given.begin(), given.end(), given[first]) - given.begin();
    const int64_t allowed = last - static_cast<int64_t>(first);
    const int64_t used = uses[first];
    if (used == 0) return fmt::format("does not use {}", given[first]);
    if (used != allowed && allowed == 1) {
      return fmt::format("uses {} {}", given[first], times(used));
    }
    if (used != allowed) {
      return fmt::format("uses {} {}, given {}", given[first], times(used), times(allowed));
    }
    first = static_cast<size_t>(last);
  }
  return {};
}

/// The value, or nothing and a reason.
struct Value {
  std::optional<Rational> rational;
  std::string problem;
};

std::optional<Rational> operate(char sign, const Rational& left, const Rational& right) {
  switch (sign) {
    case '+':
      return Rational::add(left, right);
    case '-':
      return Rational::subtract(left, right);
    case '*':
      return Rational::multiply(left, right);
    default:
      return Rational::divide(left, right);
  }
}

Value evaluate(const std::vector<Token>& tokens) {
  std::vector<Rational> stack;
  for (const Token& token : tokens) {
    if (token.sign == 0) {
      stack.emplace_back(token.number);
      continue;
    }
    const Rational right = stack.back();
    stack.pop_back();
    if (token.sign == '/' && right == Rational(0)) return {std::nullopt, "divides by zero"};
    const std::optional<Rational> result = operate(token.sign, stack.back(), right);
    if (!result) return {std::nullopt, "has a value beyond 64 bits"};
    stack.back() = *result;
  }
  return {stack.back(), {}};
}

/// The problem in the columns of a row.
struct Gold {
  std::vector<int64_t> numbers;
  int64_t target = 0;
};

std::optional<int64_t> read_integer(const nlohmann::json& value) {
  if (!value.is_number_integer()) return std::nullopt;
  if (value.is_number_unsigned() &&
      value.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return std::nullopt;
  }
  return value.get<int64_t>();
}

std::optional<Gold> read_gold(const nlohmann::json& columns) {
  if (!columns.is_object()) return std::nullopt;
  const auto nums = columns.find("nums");
  const auto target = columns.find("target");
  if (nums == columns.end() || target == columns.end()) return std::nullopt;
  const std::optional<int64_t> value = read_integer(*target);
  if (!nums->is_array() || nums->empty() || !value) return std::nullopt;
  Gold gold{{}, *value};
  for (const nlohmann::json& item : *nums) {
    const std::optional<int64_t> number = read_integer(item);
    if (!number) return std::nullopt;
    gold.numbers.push_back(*number);
  }
  return gold;
}

}  // namespace

CountdownVerdict verify_countdown(std::string_view expression, std::span<const int64_t> numbers,
                                  int64_t target) {
  const Postfix postfix = Parser().parse(expression);
  if (!postfix.problem.empty()) return {false, postfix.problem};
  std::string use = wrong_use(postfix.tokens, numbers);
  if (!use.empty()) return {false, std::move(use)};
  const Value value = evaluate(postfix.tokens);
  if (!value.rational) return {false, value.problem};
  if (*value.rational == Rational(target)) return {true, "correct"};
  return {false, fmt::format("equals {}, target {}", value.rational->text(), target)};
}

CountdownReward::CountdownReward(const TagConfig& config)
    : Reward(config),
      rules_{true, config.strict, config.think_prefilled.value_or(false)},
      end_token_(config.end_token) {}

RewardResult CountdownReward::score(const RewardInput& input) const {
  const std::optional<Gold> gold = read_gold(input.columns);
  if (!gold) {
    return {std::nullopt, "", "", "expected integers in the columns `nums` (a list) and `target`"};
  }
  RewardResult result{0.0, "", fmt::format("{}", gold->target), ""};
  const ThinkAnswer parts = read_think_answer(input, end_token_, rules_);
  if (!parts.valid) {
    result.reason = parts.reason;
    return result;
  }
  CountdownVerdict verdict = verify_countdown(parts.answer, gold->numbers, gold->target);
  result.value = verdict.correct ? 1.0 : 0.0;
  result.extracted = std::string(parts.answer);
  result.reason = std::move(verdict.reason);
  return result;
}

}  // namespace reckon::rewards
