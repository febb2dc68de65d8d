#include "rewards/countdown.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "core/error.h"
#include "core/text.h"
#include "rewards/countdown_expression.h"
#include "rewards/rational.h"

namespace reckon::rewards {

namespace {

std::string times(int64_t count) {
  if (count == 1) return "once";
  return count == 2 ? "twice" : fmt::format("{} times", count);
}

/// What is wrong with the choice of numbers; empty if each is used as often as it is given.
std::string wrong_use(const std::vector<ExpressionToken>& tokens,
                      std::span<const int64_t> numbers) {
  std::vector<int64_t> given(numbers.begin(), numbers.end());
  std::sort(given.begin(), given.end());
  std::vector<int64_t> uses(given.size(), 0);  // counted at the first place of each number
  for (const ExpressionToken& token : tokens) {
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

Value evaluate(const std::vector<ExpressionToken>& tokens) {
  std::vector<Rational> stack;
  for (const ExpressionToken& token : tokens) {
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

/// The words of two equations.
using StepWords = std::array<std::string_view, 10>;

/// Nothing if there are not exactly so many words.
std::optional<StepWords> split_steps(std::string_view text) {
  StepWords words;
  size_t count = 0;
  for (auto word = next_word(text); !word.empty(); word = next_word(text)) {
    if (count == words.size()) return std::nullopt;
    words[count++] = word;
  }
  if (count != words.size()) return std::nullopt;
  return words;
}

/// `left sign right = value`
struct Equation {
  int64_t left = 0;
  char sign = '+';
  int64_t right = 0;
  int64_t value = 0;
};

/// An unsigned integer that fills the word.
std::optional<int64_t> read_operand(std::string_view word) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || word.front() == '-') {
    return std::nullopt;
  }
  return value;
}

/// Nothing unless it is an equation that holds.
std::optional<Equation> read_equation(std::span<const std::string_view, 5> words) {
  const auto left = read_operand(words[0]);
  const auto right = read_operand(words[2]);
  const auto value = read_operand(words[4]);
  const bool signs = words[1].size() == 1 && words[3] == "=" &&
                     std::string_view("+-*/").find(words[1]) != std::string_view::npos;
  if (!left || !right || !value || !signs) return std::nullopt;
  const char sign = words[1].front();
  if (sign == '/' && *right == 0) return std::nullopt;
  if (operate(sign, Rational(*left), Rational(*right)) != Rational(*value)) return std::nullopt;
  return Equation{*left, sign, *right, *value};
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
  auto nums = columns.find("nums");
  if (nums == columns.end()) nums = columns.find("numbers");
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
  const PostfixExpression postfix = parse_expression(expression);
  if (!postfix.problem.empty()) return {false, postfix.problem, ""};
  std::string canonical = canonical_expression(postfix.tokens);
  std::string use = wrong_use(postfix.tokens, numbers);
  if (!use.empty()) return {false, std::move(use), std::move(canonical)};
  const Value value = evaluate(postfix.tokens);
  if (!value.rational) return {false, value.problem, std::move(canonical)};
  if (*value.rational == Rational(target)) return {true, "correct", std::move(canonical)};
  return {false, fmt::format("equals {}, target {}", value.rational->text(), target),
          std::move(canonical)};
}

CountdownVerdict verify_countdown_steps(std::string_view steps, std::span<const int64_t> numbers,
                                        int64_t target) {
  const std::optional<StepWords> words = split_steps(steps);
  if (!words) return {false, "not two equations of five words", ""};
  const auto first = read_equation(std::span(*words).first<5>());
  const auto second = read_equation(std::span(*words).last<5>());
  if (!first || !second) return {false, "an equation that is none, or is wrong", ""};
  const bool left = second->left == first->value;
  if (!left && second->right != first->value) {
    return {false, fmt::format("does not go on from {}", first->value), ""};
  }
  // Where both sides are the first value, it does not matter which one is it.
  const int64_t rest = left ? second->right : second->left;
  std::vector<ExpressionToken> tokens = {
      {0, first->left}, {0, first->right}, {first->sign, 0}, {0, rest}};
  if (!left) std::rotate(tokens.begin(), tokens.end() - 1, tokens.end());
  tokens.push_back({second->sign, 0});
  std::string canonical = canonical_expression(tokens);
  std::string use = wrong_use(tokens, numbers);
  if (!use.empty()) return {false, std::move(use), std::move(canonical)};
  if (second->value == target) return {true, "correct", std::move(canonical)};
  return {false, fmt::format("equals {}, target {}", second->value, target), std::move(canonical)};
}

CountdownReward::CountdownReward(const CountdownRewardConfig& config)
    : Reward(config),
      rules_{true, config.strict, config.think_prefilled.value_or(false)},
      end_token_(config.end_token),
      expressions_(std::ranges::count(config.forms, CountdownAnswerForm::expr) > 0),
      steps_(std::ranges::count(config.forms, CountdownAnswerForm::steps) > 0) {
  check(expressions_ || steps_, ErrorCode::invalid_argument,
        "expected expr, steps or both, got none, in forms of the reward {}", name());
}

CountdownVerdict CountdownReward::verify(std::string_view answer, std::span<const int64_t> numbers,
                                         int64_t target) const {
  const bool is_steps = !expressions_ || (steps_ && answer.find('=') != std::string_view::npos);
  return is_steps ? verify_countdown_steps(answer, numbers, target)
                  : verify_countdown(answer, numbers, target);
}

RewardResult CountdownReward::score(const RewardInput& input) const {
  const std::optional<Gold> gold = read_gold(input.columns);
  if (!gold) {
    return {std::nullopt, "", "",
            "expected integers in the columns `nums` or `numbers` (a list) and `target`"};
  }
  RewardResult result{0.0, "", fmt::format("{}", gold->target), ""};
  const ThinkAnswer parts = read_think_answer(input, end_token_, rules_);
  if (!parts.valid) {
    result.reason = parts.reason;
    return result;
  }
  CountdownVerdict verdict = verify(parts.answer, gold->numbers, gold->target);
  result.value = verdict.correct ? 1.0 : 0.0;
  result.extracted = steps_ ? std::move(verdict.canonical) : std::string(parts.answer);
  result.reason = std::move(verdict.reason);
  return result;
}

}  // namespace reckon::rewards
