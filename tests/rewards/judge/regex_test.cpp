#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "rewards/reward.h"
#include "rewards/user_pattern.h"

using namespace reckon;
using namespace reckon::rewards;
using nlohmann::json;

namespace {

RewardResult score(const json& config, const std::string& completion, const json& columns) {
  const auto reward = make_reward(config, "/rewards/0", "test");
  return reward->score(
      {.prompt = "p", .completion = completion, .columns = columns, .address = {}});
}

}  // namespace

TEST_CASE("a pattern without a group pays for a match") {
  const json config{{"kind", "regex"}, {"pattern", "(?i)\\bfinal answer\\b"}};
  CHECK(score(config, "The Final Answer is 4", {}).value == 1.0);
  CHECK(score(config, "four", {}).value == 0.0);
}

TEST_CASE("a pattern with a group pays for the gold in it") {
  const json config{{"kind", "regex"}, {"pattern", "(so|thus) it is (?<answer>.+)$"}};
  const auto right = score(config, "thus it is  4 <eos>", {{"answer", 4}});
  CHECK(right.value == 1.0);
  CHECK(right.extracted == "4");
  CHECK(right.gold == "4");
  CHECK(right.reason == "equal_text");
  CHECK(score(config, "so it is 5", {{"answer", 4}}).value == 0.0);
  CHECK(score(config, "it is 4", {{"answer", 4}}).reason == "no_answer");
  const auto none = score(config, "so it is 4", {{"other", 4}});
  CHECK(!none.value);
  CHECK(none.reason.starts_with("gold_unreadable"));
}

TEST_CASE("a pattern that cannot be read is refused when the reward is made") {
  CHECK_THROWS_WITH_AS(score({{"kind", "regex"}, {"pattern", "(a"}}, "", {}),
                       doctest::Contains("fault at byte 2"), Error);
}

TEST_CASE("a pattern that would run for ever is stopped by its limits") {
  const UserPattern evil("^(?:a+)+$");
  CHECK(evil.grade(std::string(40, 'a') + "b", "").reason == Reason::guard);
}

TEST_CASE("bytes that are no UTF-8 are not matched, and harm nothing") {
  const UserPattern pattern("b.");
  CHECK(pattern.grade("\xFF\xFE b\xC3\xA9 \xC3", "").extracted == "b\xC3\xA9");
}
