#include "tasks/arithmetic.h"

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace reckon;
using namespace reckon::tasks;

namespace {

RandomSequence numbers(uint64_t seed) {
  return RandomSequence(RandomStream({seed, 0, Purpose::split, 0}), 0, 0);
}

/// The numbers that stand in a text, in order.
std::vector<int64_t> numbers_in(const std::string& text) {
  std::vector<int64_t> found;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    if (end > at) found.push_back(std::stoll(text.substr(at, end - at)));
    at = end + 1;
  }
  return found;
}

}  // namespace

TEST_CASE("an expression is worked out from left to right") {
  CHECK(arithmetic_value({{12, 7, 5}, {'+', '-'}}) == 14);
  CHECK(arithmetic_value({{3, 4, 5}, {'*', '+'}}) == 17);
  CHECK(arithmetic_value({{9, 9}, {'-'}}) == 0);
  CHECK(arithmetic_text({{3, 4, 5}, {'*', '-'}}) == "3 * 4 - 5");
}

TEST_CASE("orders of the same terms have one canonical form, other problems another") {
  const auto form = arithmetic_canonical({{7, 12, 5}, {'+', '-'}});
  CHECK(form == arithmetic_canonical({{12, 5, 7}, {'-', '+'}}));
  CHECK(form != arithmetic_canonical({{7, 12, 5}, {'+', '+'}}));
  CHECK(form != arithmetic_canonical({{5, 12, 7}, {'+', '-'}}));
  const auto product = arithmetic_canonical({{3, 4, 5, 6}, {'*', '+', '-'}});
  CHECK(product == arithmetic_canonical({{4, 3, 6, 5}, {'*', '-', '+'}}));
  CHECK(product != arithmetic_canonical({{3, 5, 4, 6}, {'*', '+', '-'}}));
  CHECK(arithmetic_canonical({{3, 4}, {'*'}}) != arithmetic_canonical({{3, 4}, {'+'}}));
  CHECK(arithmetic_split({{7, 12, 5}, {'+', '-'}}) == arithmetic_split({{12, 5, 7}, {'-', '+'}}));
}

TEST_CASE("drawn expressions keep to their range and never fall below zero") {
  const ArithmeticRange range{{'+', '-', '*'}, {1, 2, 3}, 20, 6};
  RandomSequence random = numbers(3);
  std::map<size_t, int> steps;
  std::map<char, int> first;
  for (int i = 0; i < 6000; ++i) {
    const auto expression = draw_arithmetic(range, random);
    REQUIRE(expression.has_value());
    ++steps[expression->signs.size()];
    ++first[expression->signs[0]];
    int64_t value = expression->numbers[0];
    for (size_t s = 0; s < expression->signs.size(); ++s) {
      const char sign = expression->signs[s];
      const int64_t number = expression->numbers[s + 1];
      REQUIRE((sign != '*' || s == 0));
      REQUIRE(number >= 2);
      REQUIRE(number <= (sign == '*' ? 6 : 20));
      value = sign == '*' ? value * number : sign == '+' ? value + number : value - number;
      REQUIRE(value >= 0);
    }
    REQUIRE(value == arithmetic_value(*expression));
  }
  for (const auto& [count, seen] : steps) CHECK(seen == doctest::Approx(2000).epsilon(.1));
  for (const auto& [sign, seen] : first) CHECK(seen == doctest::Approx(2000).epsilon(.1));
  CHECK(steps.size() == 3);
  CHECK(first.size() == 3);
}

TEST_CASE("a chain that cannot go on is given up") {
  RandomSequence random = numbers(4);
  CHECK_FALSE(draw_arithmetic({{'*'}, {2}, 20, 6}, random).has_value());
  // 2 - 2 leaves nothing to take away.
  CHECK_FALSE(draw_arithmetic({{'-'}, {2}, 2, 6}, random).has_value());
}

TEST_CASE("the splits have their expected shares") {
  RandomSequence random = numbers(5);
  std::map<ArithmeticSplit, double> share;
  for (int i = 0; i < 20'000; ++i) {
    share[arithmetic_split(*draw_arithmetic({{'+', '-'}, {2}, 500, 2}, random))] += 1 / 20'000.0;
  }
  CHECK(share[ArithmeticSplit::held_out] == doctest::Approx(.1).epsilon(.1));
  CHECK(share[ArithmeticSplit::rl] == doctest::Approx(.7).epsilon(.03));
  CHECK(share[ArithmeticSplit::pretraining] == doctest::Approx(.2).epsilon(.1));
}

TEST_CASE("questions and stories name every number once, in order for sums") {
  RandomSequence random = numbers(6);
  const ArithmeticRange range{{'+', '-', '*'}, {1, 2, 3}, 90, 12};
  std::set<std::string> beginnings;
  for (int i = 0; i < 3000; ++i) {
    const auto expression = *draw_arithmetic(range, random);
    CHECK(numbers_in(arithmetic_question(expression, random)) == expression.numbers);
    const std::string story = arithmetic_story(expression, random);
    auto found = numbers_in(story);
    auto wanted = expression.numbers;
    if (expression.signs[0] == '*') {
      std::sort(found.begin(), found.begin() + 2);
      std::sort(wanted.begin(), wanted.begin() + 2);
    }
    REQUIRE(found == wanted);
    REQUIRE(story.find('{') == std::string::npos);
    REQUIRE(story.ends_with('?'));
    beginnings.insert(story.substr(0, story.find(' ')));
  }
  CHECK(beginnings.size() > 16);
}
