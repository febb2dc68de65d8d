#include "rewards/code_reward.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "rewards/judge/judge_client.h"

using namespace reckon;
using namespace reckon::rewards;
using nlohmann::json;

namespace {

/// Where the machine has no isolation, programs of these tests run without.
RewardServices services() {
  JudgeOptions options;
  options.best_effort = true;
  return {std::make_shared<JudgeClient>(options)};
}

json tests_of(const std::string& input, const std::string& output) {
  return {{"language", "python"},
          {"test_cases", {{{"input", input}, {"output", output}, {"type", "stdin_stdout"}}}}};
}

}  // namespace

TEST_CASE("programs are scored by the tests of their rows, in the order of the samples") {
  const auto reward = make_reward({{"kind", "code"}}, "/rewards/0", "test", services());
  const json twice{{"verification_info", tests_of("3\n", "6\n")}};
  const json nothing{{"question", "?"}};
  const std::string good = "```python\nprint(2 * int(input()))\n```<eos>";
  const std::string bad = "```python\nprint(7)\n```";
  const std::vector<RewardInput> inputs{
      {.prompt = "", .completion = bad, .columns = twice, .address = {}},
      {.prompt = "", .completion = good, .columns = twice, .address = {}},
      {.prompt = "", .completion = "no program", .columns = twice, .address = {}},
      {.prompt = "", .completion = good, .columns = nothing, .address = {}}};
  const auto results = reward->score_all(inputs);
  REQUIRE(results.size() == 4);
  CHECK(results[0].value == 0.0);
  CHECK(results[0].reason.starts_with("wrong_output"));
  CHECK(results[1].value == 1.0);
  CHECK(results[1].reason.starts_with("passed"));
  CHECK(results[2].value == 0.0);
  CHECK(results[2].reason.starts_with("no_answer"));
  CHECK(!results[3].value);
}

TEST_CASE("an option that the grader of programs does not know is an error, not a score") {
  const auto reward =
      make_reward({{"kind", "code"}, {"comparator", "about"}}, "/rewards/0", "test", services());
  const json columns{{"verification_info", tests_of("", "1")}};
  const RewardInput input{
      .prompt = "", .completion = "```\nprint(1)\n```", .columns = columns, .address = {}};
  CHECK_THROWS_WITH_AS(reward->score(input), doctest::Contains("comparator"), Error);
}
