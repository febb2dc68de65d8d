#include "rewards/countdown.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <vector>

using namespace reckon::rewards;
using nlohmann::json;

namespace {

std::string verdict(std::string_view expression, std::vector<int64_t> numbers = {4, 12, 3},
                    int64_t target = 24) {
  const CountdownVerdict result = verify_countdown(expression, numbers, target);
  CHECK(result.correct == (result.reason == "correct"));
  return result.reason;
}

std::string repeat(std::string_view text, size_t count) {
  std::string result;
  for (size_t i = 0; i < count; ++i) result += text;
  return result;
}

/// Exact values as pairs, without bounds to think of: the oracle for small numbers.
struct Fraction {
  int64_t over;
  int64_t under;  // 0: undefined
};

Fraction naive(Fraction a, char sign, Fraction b) {
  if (a.under == 0 || b.under == 0) return {0, 0};
  switch (sign) {
    case '+':
      return {a.over * b.under + b.over * a.under, a.under * b.under};
    case '-':
      return {a.over * b.under - b.over * a.under, a.under * b.under};
    case '*':
      return {a.over * b.over, a.under * b.under};
    default:
      return {a.over * b.under, a.under * b.over};
  }
}

}  // namespace

TEST_CASE("expressions with the usual precedence are right or wrong by their exact value") {
  CHECK(verdict("( 12 - 4 ) * 3") == "correct");
  CHECK(verdict("3*(12-4)") == "correct");
  CHECK(verdict("12 - 4 * 3", {12, 4, 3}, 0) == "correct");
  CHECK(verdict("12 - 4 - 3", {12, 4, 3}, 5) == "correct");
  CHECK(verdict("24 / 4 / 3", {24, 4, 3}, 2) == "correct");
  CHECK(verdict("24 / 4 * 3", {24, 4, 3}, 18) == "correct");
  CHECK(verdict("8 / ( 3 - 8 / 3 )", {8, 3, 8, 3}, 24) == "correct");
  CHECK(verdict(" ( ( 4 ) ) ", {4}, 4) == "correct");
  CHECK(verdict("12 + 4 - 3") == "equals 13, target 24");
  CHECK(verdict("12 / ( 4 + 3 )", {12, 4, 3}, 2) == "equals 12/7, target 2");
  CHECK(verdict("3 - 12 * 4", {3, 12, 4}, 45) == "equals -45, target 45");
  CHECK(verdict("3 - 12 * 4", {3, 12, 4}, -45) == "correct");
}

TEST_CASE("every number must be used as often as it is given") {
  CHECK(verdict("12 * 4 / 4 * 3") == "uses 4 twice");
  CHECK(verdict("12 + 4 + 4 + 4 + 3") == "uses 4 3 times");
  CHECK(verdict("12 + 4") == "does not use 3");
  CHECK(verdict("24") == "uses 24, which is not given");
  CHECK(verdict("12 * 4 / 3 + 8") == "uses 8, which is not given");
  CHECK(verdict("4 + 3", {4, 4, 3}, 7) == "uses 4 once, given twice");
  CHECK(verdict("4 + 4 + 3", {4, 4, 3}, 11) == "correct");
  CHECK(verdict("4 + 4 + 4 + 3", {4, 4, 3}, 15) == "uses 4 3 times, given twice");
}

TEST_CASE("text that is not an expression is not one") {
  for (const char* text : {"",
                           "   ",
                           "(",
                           ")",
                           "()",
                           "4 12",
                           "(4)(12)",
                           "4 +",
                           "+ 4",
                           "-4",
                           "4 - -12",
                           "4 * (-3)",
                           "4 ++ 12",
                           "(4 + 12",
                           "4 + 12)",
                           ")4 + 12(",
                           "4 + 12 * 3 = 24",
                           "4 ** 3",
                           "4 // 3",
                           "4.0",
                           "1e3",
                           "0x4",
                           "4 x 12",
                           "four",
                           "4 + 12 + 3;",
                           "4\xc3\x97"
                           "12",
                           "\\frac{12}{4}",
                           "24!",
                           "4 % 3",
                           "4 ^ 3",
                           "__import__('os')",
                           "4, 12",
                           "<think> 4"}) {
    INFO(text);
    CHECK(verdict(text) == "not an expression");
  }
  CHECK(verdict(std::string_view("4\0+12+3", 7)) == "not an expression");
}

TEST_CASE("division by zero and values beyond 64 bits are wrong") {
  CHECK(verdict("12 / ( 4 - 4 )", {12, 4, 4}, 0) == "divides by zero");
  CHECK(verdict("0 / 0", {0, 0}, 0) == "divides by zero");
  CHECK(verdict("9223372036854775807 + 1", {9223372036854775807, 1}, 0) ==
        "has a value beyond 64 bits");
  CHECK(verdict("4294967296 * 4294967296", {4294967296, 4294967296}, 0) ==
        "has a value beyond 64 bits");
  CHECK(verdict("0 - 9223372036854775807 - 1", {0, 9223372036854775807, 1}, 0) ==
        "has a value beyond 64 bits");
  CHECK(verdict("9223372036854775808") == "uses a number beyond 64 bits");
  CHECK(verdict("12 + 4 + 3 + " + std::string(100'000, '9')) == "uses a number beyond 64 bits");
}

TEST_CASE("hostile expressions of a million characters have a verdict") {
  // Quadratic time would end in the time limit of the test run.
  constexpr size_t kMany = 1'000'000;
  CHECK(verdict(repeat("(", 100'000) + "4" + repeat(")", 100'000), {4}, 4) == "correct");
  CHECK(verdict(repeat("(", kMany)) == "not an expression");
  CHECK(verdict(repeat(")", kMany)) == "not an expression");
  CHECK(verdict("1" + repeat("+1", kMany)) == "uses 1, which is not given");
  CHECK(verdict("4" + repeat("-(4", kMany / 3)) == "not an expression");
  CHECK(verdict("4" + repeat("-(4", kMany / 3) + repeat(")", kMany / 3), {4}) ==
        "uses 4 333334 times");
  CHECK(verdict("4" + repeat("*4", kMany), {4}) == "uses 4 1000001 times");
  CHECK(verdict(repeat(" ", kMany)) == "not an expression");
  CHECK(verdict(repeat("-", kMany) + "4") == "not an expression");
  CHECK(verdict(std::string(kMany, '\0')) == "not an expression");
  CHECK(verdict(std::string(kMany, '0') + "4", {4}, 4) == "correct");
}

TEST_CASE("the verifier agrees with a brute force over all expressions of three numbers") {
  const std::string signs = "+-*/";
  for (int64_t a = 0; a <= 6; ++a) {
    for (int64_t b = 0; b <= 6; ++b) {
      for (int64_t c = 0; c <= 6; ++c) {
        for (const char first : signs) {
          for (const char second : signs) {
            const std::string left = fmt::format("({}{}{}){}{}", a, first, b, second, c);
            const std::string right = fmt::format("{}{}({}{}{})", a, first, b, second, c);
            const Fraction values[] = {naive(naive({a, 1}, first, {b, 1}), second, {c, 1}),
                                       naive({a, 1}, first, naive({b, 1}, second, {c, 1}))};
            const std::vector<int64_t> numbers = {a, b, c};
            for (int64_t target = -2; target <= 12; ++target) {
              const auto equals = [target](Fraction value) {
                return value.under != 0 && value.over == target * value.under;
              };
              REQUIRE(verify_countdown(left, numbers, target).correct == equals(values[0]));
              REQUIRE(verify_countdown(right, numbers, target).correct == equals(values[1]));
            }
          }
        }
      }
    }
  }
}

TEST_CASE("precedence without parentheses agrees with the grouping it stands for") {
  const std::vector<int64_t> numbers = {7, 2, 5, 3};
  const std::map<std::string, std::string> pairs = {{"7-2*5+3", "(7-(2*5))+3"},
                                                    {"7*2-5/3", "(7*2)-(5/3)"},
                                                    {"7/2*5-3", "((7/2)*5)-3"},
                                                    {"7-2-5-3", "((7-2)-5)-3"},
                                                    {"7+2/5*3", "7+((2/5)*3)"}};
  for (const auto& [plain, grouped] : pairs) {
    CHECK(verdict(plain, numbers, 1000) == verdict(grouped, numbers, 1000));
  }
}

TEST_CASE("random texts over the alphabet of expressions have a verdict") {
  std::mt19937 random(5);
  const std::string alphabet = "0123456789+-*/() \t";
  for (int i = 0; i < 100'000; ++i) {
    std::string text;
    for (unsigned length = random() % 20; length > 0; --length) {
      text += alphabet[random() % alphabet.size()];
    }
    REQUIRE(!verify_countdown(text, std::vector<int64_t>{1, 2}, 3).reason.empty());
  }
}

TEST_CASE("the reward pays 1 for form and value together, and says why it does not") {
  const auto reward = make_reward({{"kind", "countdown"}}, "/rewards/0");
  const json columns = {{"nums", {4, 12, 3}}, {"target", 24}};
  const auto score = [&](std::string_view completion, bool truncated = false) {
    return reward->score({"<bos> 4 12 3 target 24", completion, truncated, columns, {}, 0, 0});
  };
  const RewardResult right =
      score("<think> 12 - 4 </think> <answer> ( 12 - 4 ) * 3 </answer> <eos>");
  CHECK(right.value == 1.0);
  CHECK(right.extracted == "( 12 - 4 ) * 3");
  CHECK(right.gold == "24");
  CHECK(right.reason == "correct");
  CHECK(score("<think> </think> <answer> ( 12 - 4 ) * 3 </answer>").value == 1.0);

  const RewardResult wrong = score("<think> </think> <answer> 12 + 4 + 3 </answer> <eos>");
  CHECK(wrong.value == 0.0);
  CHECK(wrong.reason == "equals 19, target 24");
  const RewardResult cut = score("<think> </think> <answer> ( 12 - 4 ) * 3 </answer>", true);
  CHECK(cut.value == 0.0);
  CHECK(cut.reason == "does not end");
  CHECK(score("( 12 - 4 ) * 3 <eos>").value == 0.0);
  CHECK(score("<think> <answer> ( 12 - 4 ) * 3 </answer> </think> <eos>").value == 0.0);
  CHECK(score("").value == 0.0);
}

TEST_CASE("the reward does not apply where the gold cannot be read") {
  const auto reward = make_reward({{"kind", "countdown"}}, "/rewards/0");
  for (const json& columns :
       {json(nullptr), json::array(), json::object(), json{{"nums", {1, 2}}},
        json{{"nums", {1, 2}}, {"target", "3"}}, json{{"nums", {1, 2}}, {"target", 3.5}},
        json{{"nums", json::array()}, {"target", 3}}, json{{"nums", {1, "2"}}, {"target", 3}},
        json{{"nums", 1}, {"target", 3}}, json{{"nums", {1, 2}}, {"target", UINT64_MAX}}}) {
    const RewardResult result =
        reward->score({"", "<think> </think> <answer> 1 + 2 </answer>", false, columns, {}, 0, 0});
    INFO(columns.dump());
    CHECK(!result.value.has_value());
    CHECK(!result.reason.empty());
  }
}
