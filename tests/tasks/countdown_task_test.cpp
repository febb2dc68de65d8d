#include "tasks/countdown_task.h"

#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"

using namespace reckon;
using namespace reckon::tasks;
using nlohmann::json;

namespace {

CountdownProblem problem_of(const Problem& problem) {
  return {problem.columns->at("nums").get<std::array<int, 3>>(),
          problem.columns->at("target").get<int>()};
}

std::unique_ptr<ProblemSource> make(const json& config, uint64_t seed = 7, uint32_t stage = 1) {
  return make_task(config, {"/task", "tiny.json", seed, stage});
}

const json kCountdown = {{"kind", "countdown"}};

}  // namespace

TEST_CASE("a training problem depends on seed, stage and position only") {
  const auto task = make(kCountdown);
  const auto same = make(kCountdown);
  same->at(99);
  int equal_seed = 0;
  int equal_stage = 0;
  for (uint64_t position : {5, 0, 17, 3'000'000}) {
    const Problem problem = task->at(position);
    CHECK(problem.index == position);
    CHECK(problem.prompt == same->at(position).prompt);
    CHECK(problem.prompt == countdown_prompt(problem_of(problem)));
    equal_seed += problem.prompt == make(kCountdown, 8)->at(position).prompt ? 1 : 0;
    equal_stage += problem.prompt == make(kCountdown, 7, 2)->at(position).prompt ? 1 : 0;
  }
  CHECK(equal_seed < 4);
  CHECK(equal_stage < 4);
}

TEST_CASE("training problems are of the rl split and can be solved") {
  const auto task = make(kCountdown);
  std::map<std::string, int> difficulties;
  for (uint64_t n = 0; n < 2000; ++n) {
    const Problem problem = task->at(n);
    REQUIRE(countdown_split(problem_of(problem)) == CountdownSplit::rl);
    REQUIRE(problem.difficulty == difficulty_name(countdown_difficulty(problem_of(problem))));
    ++difficulties[problem.difficulty];
  }
  CHECK(difficulties.size() == 3);
}

TEST_CASE("a difficulty limits the training problems but not the held-out ones") {
  const auto task = make({{"kind", "countdown"}, {"difficulty", "easy"}});
  for (uint64_t n = 0; n < 300; ++n) REQUIRE(task->at(n).difficulty == "easy");
  std::set<std::string> difficulties;
  for (const Problem& problem : task->held_out(100)) difficulties.insert(problem.difficulty);
  CHECK(difficulties == std::set<std::string>{"easy", "hard", "medium"});
}

TEST_CASE("the held-out list is fixed, without duplicates, and extends when asked for more") {
  const auto task = make(kCountdown);
  const std::vector<Problem> all = task->held_out(task->num_held_out());
  std::set<std::string> prompts;
  for (size_t i = 0; i < all.size(); ++i) {
    REQUIRE(countdown_split(problem_of(all[i])) == CountdownSplit::held_out);
    REQUIRE(all[i].index == i);
    prompts.insert(all[i].prompt);
  }
  CHECK(prompts.size() == all.size());
  CHECK(all.size() % 6 == 0);
  const std::vector<Problem> first = make(kCountdown, 8, 0)->held_out(64);
  for (size_t i = 0; i < first.size(); ++i) CHECK(first[i].prompt == all[i].prompt);
  CHECK_THROWS_WITH_AS(task->held_out(all.size() + 1), doctest::Contains("expected at most"),
                       Error);
}

TEST_CASE("the trace of an answer is read with the numbers of its problem") {
  const auto task = make(kCountdown);
  const Problem problem = task->at(0);
  const auto report = task->trace(problem, "<think> </think> <answer> 1 </answer> <eos>");
  REQUIRE(report.has_value());
  CHECK(report->mode == TraceReport::direct);
}

TEST_CASE("wrong options of the task are refused by file and key") {
  const auto message = [](const json& config) -> std::string {
    try {
      make(config);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  CHECK(message({{"kind", "countdwon"}}) ==
        "expected one of arithmetic, countdown, functions, instructed-countdown, "
        "instructed-lists, jsonl, mixture, got \"countdwon\", in tiny.json /task/kind");
  CHECK(message(json::object()) ==
        "expected one of arithmetic, countdown, functions, instructed-countdown, "
        "instructed-lists, jsonl, mixture, got nothing, in tiny.json /task/kind");
  CHECK(message(json::array()).starts_with("expected an object"));
  CHECK(message({{"kind", "countdown"}, {"numbers", {4}}}) ==
        "expected [3], got [4], in tiny.json /task/numbers");
  CHECK(message({{"kind", "countdown"}, {"max_numbr", 9}}).find("max_number") != std::string::npos);
  CHECK(message({{"kind", "countdown"}, {"max_number", 13}}).find("/task/max_number") !=
        std::string::npos);
  CHECK(message({{"kind", "countdown"}, {"min_target", 50}, {"max_target", 10}})
            .find("tiny.json /task") != std::string::npos);
}
