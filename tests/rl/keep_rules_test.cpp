#include "rl/keep_rules.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/core/thrown_error.h"
#include "tests/rl/small_run.h"
#include "tasks/problem_class.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

using Values = std::vector<std::optional<double>>;
using Reasons = std::vector<std::string>;

Scorer two_rewards() {
  return Scorer({{{"kind", "random"}, {"name", "right"}}, {{"kind", "format"}}}, "/rewards",
                "recipe");
}

// A right and well-formed answer of these tokens.
ScoredCompletion answer(std::vector<int32_t> ids, Values values = {1.0, 1.0}) {
  ScoredCompletion sample;
  sample.completion.ids = std::move(ids);
  sample.completion.finish_reason = rollout::FinishReason::stop;
  for (const auto& value : values) sample.scores.push_back({value, "", "", ""});
  sample.reward = 1.0;
  return sample;
}

ScoredCompletion worth(double reward, std::vector<int32_t> ids) {
  auto sample = answer(std::move(ids));
  sample.reward = reward;
  return sample;
}

ScoredGroup group_of(std::vector<ScoredCompletion> completions, std::vector<int32_t> prompt = {1}) {
  ScoredGroup group;
  group.prompt_ids = std::move(prompt);
  group.completions = std::move(completions);
  return group;
}

SampleConfig rules(json settings) {
  settings["rewards"] = json::array();
  return small_sample(settings);
}

Reasons decide(const json& settings, std::vector<ScoredCompletion> completions) {
  const Scorer scorer = two_rewards();
  return KeepRules(rules(settings), scorer).decide(group_of(std::move(completions)));
}

std::string decide_one(const json& settings, ScoredCompletion sample) {
  return decide(settings, {std::move(sample)}).at(0);
}

tests::ThrownError refusal(const json& settings) {
  const Scorer scorer = two_rewards();
  return tests::thrown_by([&] { check_keep_rules(rules(settings), scorer, "FILE /stages/3"); });
}

}  // namespace

TEST_CASE("only right answers are kept, unless the stage says otherwise") {
  CHECK(decide_one({}, answer({5})) == "");
  CHECK(decide_one({}, answer({5}, {0.0, 1.0})) == "incorrect");
  CHECK(decide_one({}, answer({5}, {0.5, 1.0})) == "incorrect");
  CHECK(decide_one({}, answer({5}, {std::nullopt, 1.0})) == "unjudged");
  CHECK(decide_one({{"correct", false}}, answer({5}, {0.0, 1.0})) == "");
  CHECK(decide_one({{"correct", false}}, answer({5}, {std::nullopt, 1.0})) == "");
}

TEST_CASE("a completion that was cut off is dropped, unless the stage says otherwise") {
  auto cut = answer({5});
  cut.completion.finish_reason = rollout::FinishReason::length;
  CHECK(decide_one({{"ended", true}}, cut) == "cut_off");
  CHECK(decide_one({{"ended", false}}, cut) == "");
  CHECK(decide_one({{"ended", true}}, answer({5})) == "");
}

TEST_CASE("length limits count tokens and include themselves") {
  const json limits = {{"min_length", 2}, {"max_length", 3}};
  CHECK(decide_one(limits, answer({5})) == "too_short");
  CHECK(decide_one(limits, answer({5, 6})) == "");
  CHECK(decide_one(limits, answer({5, 6, 7})) == "");
  CHECK(decide_one(limits, answer({5, 6, 7, 8})) == "too_long");
}

TEST_CASE("a rule keeps the values of its reward from min to max") {
  const json range = {{"keep", {{{"reward", "format"}, {"min", 0.25}, {"max", 0.75}}}}};
  CHECK(decide_one(range, answer({5}, {1.0, 0.2})) == "rewards/format");
  CHECK(decide_one(range, answer({5}, {1.0, 0.25})) == "");
  CHECK(decide_one(range, answer({5}, {1.0, 0.75})) == "");
  CHECK(decide_one(range, answer({5}, {1.0, 0.8})) == "rewards/format");
  CHECK(decide_one({{"keep", {{{"reward", "format"}, {"max", 0.75}}}}}, answer({5}, {1.0, -9.0})) ==
        "");
}

TEST_CASE("a rule says what becomes of completions that its reward has no value for") {
  json rule = {{"reward", "format"}, {"min", 1.0}};
  CHECK(decide_one({{"keep", {rule}}}, answer({5}, {1.0, std::nullopt})) == "rewards/format/none");
  rule["none"] = "keep";
  CHECK(decide_one({{"keep", {rule}}}, answer({5}, {1.0, std::nullopt})) == "");
  CHECK(decide_one({{"keep", {rule}}}, answer({5}, {1.0, 0.5})) == "rewards/format");
}

TEST_CASE("the first rule that is broken is the reason") {
  auto bad = answer({5}, {1.0, 0.0});
  bad.completion.finish_reason = rollout::FinishReason::length;
  json settings = {
      {"ended", true}, {"min_length", 2}, {"keep", {{{"reward", "format"}, {"min", 1.0}}}}};
  CHECK(decide_one(settings, bad) == "cut_off");
  settings["ended"] = false;
  CHECK(decide_one(settings, bad) == "too_short");
  settings["min_length"] = 1;
  CHECK(decide_one(settings, bad) == "rewards/format");
}

TEST_CASE("the same completion of the same prompt is kept once, wherever the prompt comes again") {
  const Scorer scorer = two_rewards();
  KeepRules rules_of_stage(rules({}), scorer);
  CHECK(rules_of_stage.decide(group_of({answer({5}), answer({6}), answer({5})}, {1})) ==
        Reasons{"", "", "duplicate"});
  CHECK(rules_of_stage.decide(group_of({answer({5}), answer({7})}, {1})) ==
        Reasons{"duplicate", ""});
  CHECK(rules_of_stage.decide(group_of({answer({5})}, {2})) == Reasons{""});
  CHECK(rules_of_stage.decide(group_of({answer({1, 5})}, {})) == Reasons{""});
  CHECK(decide({{"deduplicate", false}}, {answer({5}), answer({5})}) == Reasons{"", ""});
}

TEST_CASE("a duplicate of a dropped completion is no duplicate") {
  const Scorer scorer = two_rewards();
  KeepRules rules_of_stage(rules({{"max_per_prompt", 1}}), scorer);
  CHECK(decide({}, {answer({5}, {0.0, 1.0}), answer({5})}) == Reasons{"incorrect", ""});
  CHECK(rules_of_stage.decide(group_of({answer({5}), answer({6})})) ==
        Reasons{"", "over_max_per_prompt"});
  CHECK(rules_of_stage.decide(group_of({answer({6})})) == Reasons{""});
}

TEST_CASE("what has no room left in its class is dropped, and does not count as kept") {
  const Scorer scorer = two_rewards();
  KeepRules rules_of_stage(rules({}), scorer);
  CHECK(rules_of_stage.decide(group_of({answer({5}, {0.0, 1.0}), answer({6}), answer({7})}), 1) ==
        Reasons{"incorrect", "", "over_max_per_class"});
  CHECK(rules_of_stage.decide(group_of({answer({7}), answer({8})}), 0) ==
        Reasons{"over_max_per_class", "over_max_per_class"});
  CHECK(rules_of_stage.decide(group_of({answer({7})})) == Reasons{""});
}

TEST_CASE("what an earlier run kept counts as kept") {
  const Scorer scorer = two_rewards();
  KeepRules resumed(rules({}), scorer);
  const std::vector<int32_t> prompt = {1}, completion = {5};
  resumed.remember(prompt, completion);
  CHECK(resumed.decide(group_of({answer({5}), answer({6})})) == Reasons{"duplicate", ""});
}

TEST_CASE("of too many completions of a problem the best are kept, the earlier among equals") {
  const json two = {{"max_per_prompt", 2}};
  const Reasons over_first = {"over_max_per_prompt", "", ""};
  CHECK(decide(two, {worth(1.0, {5}), worth(3.0, {6}), worth(2.0, {7})}) == over_first);
  CHECK(decide(two, {worth(1.0, {5}), worth(1.0, {6}), worth(1.0, {7})}) ==
        Reasons{"", "", "over_max_per_prompt"});
  auto unpaid = worth(0.0, {5});
  unpaid.reward.reset();
  CHECK(decide(two, {unpaid, worth(-3.0, {6}), worth(-2.0, {7})}) == over_first);
  // What other rules drop takes no place.
  CHECK(decide(two, {answer({4}, {0.0, 1.0}), worth(1.0, {5}), worth(1.0, {6})}) ==
        Reasons{"incorrect", "", ""});
}

TEST_CASE("repetition fills every class up to the largest as evenly as whole numbers allow") {
  for (const int64_t size : {1, 3, 5, 7}) {
    int64_t rows = 0, before = copies_of(0, size, 7);
    for (int64_t row = 0; row < size; ++row) {
      const int64_t copies = copies_of(row, size, 7);
      CHECK(copies <= before);
      CHECK(copies >= 7 / size);
      CHECK(copies <= 7 / size + 1);
      before = copies;
      rows += copies;
    }
    CHECK(rows == 7);
  }
}

TEST_CASE("the class of a problem is the text of a column, or its difficulty") {
  const json columns = {{"language", "ko"}, {"steps", 3}};
  CHECK(tasks::class_of(columns, "easy", "language") == "ko");
  CHECK(tasks::class_of(columns, "easy", "steps") == "3");
  CHECK(tasks::class_of(columns, "easy", "difficulty") == "easy");
  CHECK(tasks::class_of({{"difficulty", "7"}}, "easy", "difficulty") == "7");
  CHECK_FALSE(tasks::class_of(columns, "", "difficulty").has_value());
  CHECK_FALSE(tasks::class_of({{"language", nullptr}}, "easy", "language").has_value());
  CHECK_FALSE(tasks::class_of(columns, "easy", "form").has_value());
}

TEST_CASE("rules that cannot be followed are refused with their key") {
  const auto unknown = refusal(
      {{"keep", {{{"reward", "right"}, {"min", 1}}, {{"reward", "langauge"}, {"min", 1}}}}});
  CHECK(unknown.code == ErrorCode::invalid_argument);
  CHECK(unknown.says("(right, format), got \"langauge\", in FILE /stages/3/keep/1/reward"));
  CHECK(refusal({{"keep", {{{"reward", "format"}}}}}).says("FILE /stages/3/keep/0"));
  CHECK(refusal({{"keep", {{{"reward", "format"}, {"min", 2}, {"max", 1}}}}})
            .says("FILE /stages/3/keep/0/max"));
  CHECK(refusal({{"min_length", 4}, {"max_length", 3}}).says("FILE /stages/3/min_length"));
  CHECK(refusal({{"min_length", 13}}).says("FILE /stages/3/min_length"));
  CHECK(refusal({{"min_kept_per_class", 2}}).says("FILE /stages/3/class_column"));
  CHECK(refusal({{"max_kept_per_class", 2}}).says("FILE /stages/3/class_column"));
  CHECK(refusal({{"min_kept_per_class", 3}, {"max_kept_per_class", 2}, {"class_column", "x"}})
            .says("FILE /stages/3/max_kept_per_class"));
  // 18 problems with 2 completions in each of 2 rounds.
  CHECK(refusal({{"min_kept", 73}, {"max_rounds", 2}}).says("at most 72"));
  CHECK(refusal({{"min_kept", 73}, {"max_rounds", 2}}).says("FILE /stages/3/min_kept"));
  CHECK(refusal({{"min_kept", 37}, {"max_rounds", 2}, {"max_per_prompt", 1}}).says("at most 36"));
  CHECK(refusal({{"min_kept", 72}, {"max_rounds", 2}}).text == "nothing thrown");
}
