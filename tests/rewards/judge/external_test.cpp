#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "rewards/judge/external_answer.h"
#include "rewards/judge/judge_client.h"
#include "rewards/reward.h"
#include "tests/rewards/judge/hostile_options.h"
#include "tests/rewards/judge/processes.h"

using namespace reckon;
using namespace reckon::rewards;
using namespace reckon::test;
using nlohmann::json;
using std::chrono::milliseconds;

namespace {

/// A reward of kind `external` with the fake grader in `mode`.
std::unique_ptr<Reward> grader(const std::string& mode, const json& more = json::object()) {
  json config{{"kind", "external"},
              {"batch_size", 1},
              {"timeout_s", 5},
              {"command", {"python3", "-S", "tests/rewards/judge/fake_grader.py", mode}}};
  config.update(more);
  return make_reward(config, "/rewards/0", "test",
                     {std::make_shared<JudgeClient>(hostile_judge())});
}

std::vector<RewardResult> score(const Reward& reward, const std::vector<std::string>& completions,
                                const json& columns = {{"answer", "yes"}}) {
  std::vector<RewardInput> inputs;
  for (const auto& completion : completions) {
    inputs.push_back({.prompt = "p", .completion = completion, .columns = columns, .address = {}});
  }
  return reward.score_all(inputs);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string error_of(const Reward& reward) {
  try {
    score(reward, {"yes"});
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a program of the user's scores completions, alone and in batches") {
  for (const int batch_size : {1, 2, 16}) {
    const auto reward = grader("plain", {{"batch_size", batch_size}});
    const auto results = score(*reward, {"yes", "no", "yes<eos>", "no", "yes"});
    REQUIRE(results.size() == 5);
    for (size_t i = 0; i < 5; ++i) CHECK(results[i].value == (i % 2 == 0 ? 1.0 : 0.0));
    CHECK(results[2].extracted == "YES");
    CHECK(results[2].reason == "scored; step: 0");
  }
}

TEST_CASE("a reward of null does not apply, and what is no finite number is none with a reason") {
  const auto reward = grader("plain");
  const auto results = score(*reward, {"x", "nan", "text", "count", "stray"}, json::object());
  for (const auto& result : results) CHECK(!result.value);
  CHECK(contains(results[0].reason, "does not apply"));
  CHECK(contains(results[1].reason, "expected a finite number, got \"NaN\""));
  CHECK(contains(results[2].reason, "got \"good\""));
  CHECK(contains(results[3].reason, "expected a list of 1 rewards, got a list of 2 items"));
  CHECK(contains(results[4].reason, "does not apply"));
}

TEST_CASE("answers may come in any order") {
  const auto reward = grader("reversed");
  const auto results = score(*reward, {"yes", "no", "no", "yes"});
  CHECK(results[0].value == 1.0);
  CHECK(results[1].value == 0.0);
  CHECK(results[2].value == 0.0);
  CHECK(results[3].value == 1.0);
}

TEST_CASE("a request over which the program dies twice has no value, and no other pays for it") {
  const auto reward = grader("plain");
  const auto results = score(*reward, {"yes", "no", "die", "yes", "die", "no"});
  CHECK(results[0].value == 1.0);
  CHECK(results[1].value == 0.0);
  CHECK(results[3].value == 1.0);
  CHECK(results[5].value == 0.0);
  CHECK(!results[2].value);
  CHECK(contains(results[2].reason, "ended twice over this"));
  CHECK(contains(results[2].reason, "the grader met its end"));
}

TEST_CASE("a request that takes too long has no value, and those behind it are asked again") {
  const auto reward = grader("plain", {{"timeout_s", 1.0}});
  const auto start = std::chrono::steady_clock::now();
  const auto results = score(*reward, {"yes", "hang", "no", "yes"});
  CHECK(std::chrono::steady_clock::now() - start < milliseconds(4000));
  CHECK(results[0].value == 1.0);
  CHECK(!results[1].value);
  CHECK(contains(results[1].reason, "timeout"));
  CHECK(results[2].value == 0.0);
  CHECK(results[3].value == 1.0);
}

TEST_CASE("time behind earlier requests is no part of a request's time") {
  const auto reward = grader("plain", {{"timeout_s", 0.7}});
  const auto results = score(*reward, std::vector<std::string>(7, "slow"));
  for (const auto& result : results) CHECK(result.value == 0.0);
}

TEST_CASE("a program that dies at once is an error with its name and its last words") {
  const auto reward = grader("dead");
  const auto message = error_of(*reward);
  CHECK(contains(message, "python3 -S tests/rewards/judge/fake_grader.py dead"));
  CHECK(contains(message, "4 times in a row"));
  CHECK(contains(message, "exit status 1"));
  CHECK(contains(message, "No module named 'grader'"));
  CHECK(error_of(*reward) == message);
}

TEST_CASE("a program that does not exist is an error that names it") {
  const auto reward = grader("plain", {{"command", {"/nowhere/grader"}}});
  CHECK(contains(error_of(*reward), "/nowhere/grader"));
}

TEST_CASE("failures in a row end the run and name the reward") {
  const auto reward = grader("plain", {{"max_failures", 3}, {"name", "mine"}});
  CHECK(score(*reward, {"count", "count"}).size() == 2);
  CHECK(score(*reward, {"yes", "count", "count"}).size() == 3);
  CHECK_THROWS_WITH_AS(score(*reward, {"count"}), doctest::Contains("reward mine"), Error);
}

TEST_CASE("a program's children end with the client") {
  std::set<pid_t> family;
  {
    const auto reward = grader("child");
    CHECK(score(*reward, {"yes"})[0].value == 1.0);
    family = descendants(::getpid());
    CHECK(family.size() == 3);  // judge, program, its child
  }
  const auto gone = [&] {
    return std::none_of(family.begin(), family.end(), [](pid_t pid) { return parent_of(pid) > 0; });
  };
  CHECK(eventually(gone, milliseconds(1000)));
}

TEST_CASE("lines of graders are read with Python's words for what is not finite") {
  const auto line = parse_external_line(R"({"rewards": [NaN, -Infinity, 1], "t": "NaN \" NaN"})");
  REQUIRE(line);
  CHECK((*line)["rewards"] == json({"NaN", "-Infinity", 1}));
  CHECK((*line)["t"] == "NaN \" NaN");
  CHECK(!parse_external_line("[1]"));
  CHECK(!parse_external_line("{\"a\": }"));
  const auto answer = external_answer({{"rewards", {1, true, nullptr, "x"}}}, 4);
  CHECK(answer["rewards"] == json({1.0, 1.0, nullptr, nullptr}));
  CHECK(answer["failed"] == false);
}
