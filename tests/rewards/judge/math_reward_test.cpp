#include "rewards/math_reward.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "rewards/judge/judge_client.h"

using namespace reckon;
using namespace reckon::rewards;
using nlohmann::json;

namespace {

/// A reward of kind `math` with a judge that all cases share.
std::unique_ptr<Reward> math(json options = json::object()) {
  static const RewardServices services{std::make_shared<JudgeClient>()};
  options["kind"] = "math";
  return make_reward(options, "/rewards/0", "test", services);
}

RewardResult score(const json& options, const std::string& completion, const json& columns,
                   bool bare_answer = false) {
  return math(options)->score({.prompt = "p",
                               .completion = completion,
                               .columns = columns,
                               .address = {},
                               .bare_answer = bare_answer});
}

}  // namespace

TEST_CASE("a completion is graded by the value in its box") {
  const json gold{{"answer", "0.5"}};
  const auto right = score({}, "<think>x</think> so $\\boxed{\\frac{1}{2}}$<eos>", gold);
  CHECK(right.value == 1.0);
  CHECK(right.extracted == "\\frac{1}{2}");
  CHECK(right.gold == "0.5");
  CHECK(right.reason == "equal_exact");
  CHECK(score({}, "\\boxed{2}", gold).reason == "different");
  CHECK(score({}, "it is 1/2", gold).reason == "no_answer");
  CHECK(score({}, "\\frac{1}{2}", gold, true).value == 1.0);
}

TEST_CASE("the end token is no part of an answer that ends the completion") {
  const json line{{"style", "line"}};
  CHECK(score(line, "well\nAnswer: 42<eos>", {{"gold", 42}}).value == 1.0);
  CHECK(score(line, "well\nAnswer: 42<eos>", {{"gold", 43}}).value == 0.0);
}

TEST_CASE("the gold is a number, a text, or what follows the last four hashes") {
  const std::string completion = "\\boxed{1234}";
  CHECK(score({}, completion, {{"answer", 1234}}).value == 1.0);
  CHECK(score({}, completion, {{"answer", "first 7.\n#### 1,234\n"}}).value == 1.0);
  CHECK(score({{"column", "key"}}, completion, {{"answer", "7"}, {"key", "1234"}}).value == 1.0);
  CHECK(!score({{"column", "key"}}, completion, {{"answer", 1234}}).value);
  const auto unreadable = score({}, completion, {{"answer", "\\frac{1}{"}});
  CHECK(!unreadable.value);
  CHECK(unreadable.reason.starts_with("gold_unreadable"));
}

TEST_CASE("options of mathematics reach the worker") {
  const json gold{{"answer", "0.33"}};
  CHECK(score({}, "\\boxed{1/3}", gold).value == 1.0);
  CHECK(score({{"decimal_rule", "exact"}}, "\\boxed{1/3}", gold).value == 0.0);
  const std::string open = "thinking \\boxed{0.33}";
  CHECK(score({{"think_prefilled", true}}, open, gold).reason.starts_with("no_region"));
  CHECK(score({{"think_prefilled", true}, {"region", "whole"}}, open, gold).value == 1.0);
  const json evaluated{{"require_evaluated", true}};
  CHECK(score(evaluated, "\\boxed{\\sqrt{4}+2}", {{"answer", "4"}})
            .reason.starts_with("not_evaluated"));
  CHECK(score({}, "\\boxed{\\sqrt{4}+2}", {{"answer", "4"}}).value == 1.0);
}

TEST_CASE("many samples are graded in one call, in their order") {
  std::vector<std::string> completions;
  for (int i = 0; i < 500; ++i) completions.push_back("\\boxed{" + std::to_string(i % 5) + "}");
  const json columns{{"answer", "3"}};
  std::vector<RewardInput> inputs;
  for (const auto& text : completions) {
    inputs.push_back({.prompt = "", .completion = text, .columns = columns, .address = {}});
  }
  const auto results = math()->score_all(inputs);
  REQUIRE(results.size() == 500);
  for (size_t i = 0; i < 500; ++i) CHECK(results[i].value == (i % 5 == 3 ? 1.0 : 0.0));
}

TEST_CASE("golds are graded against themselves when they are loaded") {
  const json rows{{{"answer", "\\sqrt{2}"}}, {{"answer", "\\frac{"}}, {{"other", 1}}};
  const std::vector<const json*> golds{&rows[0], &rows[1], &rows[2]};
  const auto results = math()->check_golds(golds);
  REQUIRE(results.size() == 3);
  CHECK(results[0].value == 1.0);
  CHECK(!results[1].value);
  CHECK(!results[2].value);
  CHECK(results[2].reason.starts_with("gold_unreadable"));
}
