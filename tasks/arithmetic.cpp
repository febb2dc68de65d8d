#include "tasks/arithmetic.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/hash.h"

namespace reckon::tasks {

namespace {

int64_t draw_between(RandomSequence& random, int64_t low, int64_t high) {
  return low + random.next_below(static_cast<uint32_t>(high - low + 1));
}

template <class T>
T draw_one(const std::vector<T>& items, RandomSequence& random) {
  return items[random.next_below(static_cast<uint32_t>(items.size()))];
}

int64_t apply(int64_t left, char sign, int64_t right) {
  if (sign == '*') return left * right;
  return sign == '+' ? left + right : left - right;
}

}  // namespace

std::string arithmetic_text(const ArithmeticExpression& expression) {
  std::string text = fmt::format("{}", expression.numbers[0]);
  for (size_t i = 0; i < expression.signs.size(); ++i) {
    text += fmt::format(" {} {}", expression.signs[i], expression.numbers[i + 1]);
  }
  return text;
}

int64_t arithmetic_value(const ArithmeticExpression& expression) {
  int64_t value = expression.numbers[0];
  for (size_t i = 0; i < expression.signs.size(); ++i) {
    value = apply(value, expression.signs[i], expression.numbers[i + 1]);
  }
  return value;
}

std::string arithmetic_canonical(const ArithmeticExpression& expression) {
  const bool product = expression.signs.front() == '*';
  std::vector<int64_t> factors;
  std::vector<int64_t> terms;
  for (size_t i = 0; i < expression.numbers.size(); ++i) {
    const char sign = i == 0 ? '+' : expression.signs[i - 1];
    const int64_t number = expression.numbers[i];
    if (product && i < 2) {
      factors.push_back(number);
    } else {
      terms.push_back(sign == '-' ? -number : number);
    }
  }
  std::sort(factors.begin(), factors.end());
  std::sort(terms.begin(), terms.end());
  return fmt::format("{}|{}", fmt::join(factors, "*"), fmt::join(terms, ","));
}

ArithmeticSplit arithmetic_split(const ArithmeticExpression& expression) {
  const uint64_t percent = mix64(fnv1a(arithmetic_canonical(expression))) % 100;
  if (percent < 10) return ArithmeticSplit::held_out;
  return percent < 80 ? ArithmeticSplit::rl : ArithmeticSplit::pretraining;
}

std::optional<ArithmeticExpression> draw_arithmetic(const ArithmeticRange& range,
                                                    RandomSequence& random) {
  ArithmeticExpression expression;
  const int64_t steps = draw_one(range.steps, random);
  int64_t value = 0;
  for (int64_t step = 0; step < steps; ++step) {
    std::vector<char> possible = range.operations;
    if (step > 0) {
      std::erase_if(possible, [value](char c) { return c == '*' || (c == '-' && value < 2); });
    }
    if (possible.empty()) return std::nullopt;
    const char sign = draw_one(possible, random);
    const int64_t highest = sign == '*' ? range.max_factor : range.max_number;
    if (step == 0) {
      value = draw_between(random, 2, highest);
      expression.numbers.push_back(value);
    }
    const int64_t number =
        draw_between(random, 2, sign == '-' ? std::min(value, highest) : highest);
    expression.numbers.push_back(number);
    expression.signs.push_back(sign);
    value = apply(value, sign, number);
  }
  return expression;
}

}  // namespace reckon::tasks
