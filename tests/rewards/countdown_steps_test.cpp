#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "rewards/countdown.h"
#include "rewards/countdown_expression.h"

using namespace reckon::rewards;
using nlohmann::json;

namespace {

CountdownVerdict steps(std::string_view text, std::vector<int64_t> numbers = {8, 11, 7},
                       int64_t target = 10) {
  const CountdownVerdict verdict = verify_countdown_steps(text, numbers, target);
  CHECK(verdict.correct == (verdict.reason == "correct"));
  return verdict;
}

std::string canonical(std::string_view text) {
  return canonical_expression(parse_expression(text).tokens);
}

RewardResult score(const json& forms, std::string_view answer, const char* numbers = "numbers") {
  const json columns = {{numbers, {8, 11, 7}}, {"target", 10}};
  const std::string completion =
      "<think> </think> <answer> " + std::string(answer) + " </answer> <eos>";
  json config = {{"kind", "countdown"}};
  if (!forms.is_null()) config["forms"] = forms;
  return make_reward(config, "/rewards/0")->score({"", completion, false, columns, {}, 0, 0});
}

const json kBoth = {"expr", "steps"};

}  // namespace

TEST_CASE("two equations are right if both hold and the second goes on from the first") {
  CHECK(steps("11 - 8 = 3 3 + 7 = 10").correct);
  CHECK(steps("11 - 8 = 3 7 + 3 = 10").correct);
  CHECK(steps("3 - 1 = 2 12 - 2 = 10", {3, 1, 12}).correct);
  CHECK(steps(" 11\t-\n8 = 3  3 + 7 = 10 ").correct);
  CHECK(steps("12 / 4 = 3 3 * 5 = 15", {12, 4, 5}, 15).correct);
  // The value of the first is a given number, too.
  CHECK(steps("6 - 3 = 3 3 + 3 = 6", {6, 3, 3}, 6).correct);
  CHECK(steps("10 - 5 = 5 10 - 5 = 5", {10, 5, 10}, 5).correct);
}

TEST_CASE("two equations are wrong by any broken rule") {
  for (const char* text : {"11 - 8 = 4 4 + 7 = 11",     // the first does not hold
                           "11 - 8 = 3 3 + 7 = 11",     // nor the second
                           "11 - 8 = 3 3 + 8 = 11",     // a number twice
                           "11 - 8 = 3 11 - 7 = 4",     // does not go on
                           "11 - 7 = 4 8 + 4 = 12",     // another value
                           "11 - 8 = 3 3 + 7 = 10 10",  // a word too many
                           "11 - 8 = 3 3 + 7 =",        // one too few
                           "11 - 8 = 3 3 + 7 + 10",     // no equation
                           "8 - 11 = -3 -3 + 7 = 4",    // signs
                           "11-8=3 3+7=10", "( 11 - 8 ) + 7", "",
                           "= = = = = = = = = =", "11 - 8 = 3 3 + 7 = 99999999999999999999"}) {
    INFO(text);
    CHECK(!steps(text).correct);
  }
  CHECK(!steps("8 / 0 = 8 8 + 2 = 10", {8, 0, 2}).correct);
  CHECK(!steps("5 / 2 = 2 2 * 5 = 10", {5, 2, 5}).correct);
}

TEST_CASE("answers that say the same have one canonical text") {
  CHECK(canonical("( 11 - 8 ) + 7") == canonical("7+(11-8)"));
  CHECK(canonical("(1+2)+3") == canonical("3+(2+1)"));
  CHECK(canonical("(1*2)*3") == canonical("2*(3*1)"));
  CHECK(canonical("1+2*3") == canonical("3*2+1"));
  CHECK(canonical("1+2*3") != canonical("(1+2)*3"));
  CHECK(canonical("3-(2-1)") != canonical("3-2-1"));
  CHECK(canonical("3-2") != canonical("2-3"));
  CHECK(canonical("1*23") != canonical("12*3"));
  CHECK(steps("11 - 8 = 3 7 + 3 = 10").canonical == canonical("(11-8)+7"));
  CHECK(steps("3 - 1 = 2 12 - 2 = 10", {3, 1, 12}).canonical == canonical("12-(3-1)"));
  CHECK(steps("12 - 1 = 11 11 - 3 = 8", {3, 1, 12}, 8).canonical == canonical("12-1-3"));
  // A wrong equation says nothing, so it has no vote.
  CHECK(steps("11 - 8 = 4 4 + 7 = 11").canonical.empty());
}

TEST_CASE("steps count only where they are asked for, and columns have either name") {
  CHECK(score(nullptr, "11 - 8 = 3 3 + 7 = 10").value == 0.0);
  CHECK(score(nullptr, "7 + (11 - 8)").value == 1.0);
  CHECK(score(nullptr, "7 + (11 - 8)").extracted == "7 + (11 - 8)");
  CHECK(score(kBoth, "11 - 8 = 3 3 + 7 = 10").value == 1.0);
  CHECK(score(kBoth, "11 - 8 = 3 3 + 7 = 10", "nums").value == 1.0);
  CHECK(score(kBoth, "7 + (11 - 8)").value == 1.0);
  CHECK(score(kBoth, "7 + (11 - 8)").extracted == score(kBoth, "11 - 8 = 3 3 + 7 = 10").extracted);
  CHECK(score(kBoth, "nonsense").extracted.empty());
  CHECK(score({"steps"}, "7 + (11 - 8)").value == 0.0);
  CHECK(score({"steps"}, "11 - 8 = 3 3 + 7 = 10").value == 1.0);
  CHECK_THROWS_AS(score({"stairs"}, ""), std::exception);
}

TEST_CASE("hostile answers are wrong in either form") {
  std::string deep(300'000, '(');
  std::string chain = "1";
  for (int i = 0; i < 100'000; ++i) chain += " + 1";
  std::string equations;
  for (int i = 0; i < 100'000; ++i) equations += "1 + 1 = 2 ";
  for (const std::string& text :
       {std::string(), deep, chain, equations, std::string("11 - 8 = 3 3 + 7 = 1\0", 21),
        std::string(100'000, '='), std::string("\xff\xfe = \xff")}) {
    CHECK(score(kBoth, text).value == 0.0);
  }
  CHECK(score(kBoth, chain).extracted.empty());
}
