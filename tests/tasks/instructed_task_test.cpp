#include "tasks/instructed_task.h"

#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/error.h"
#include "rewards/reward.h"
#include "tasks/lists.h"

using namespace reckon;
using namespace reckon::tasks;
using nlohmann::json;

namespace {

std::unique_ptr<ProblemSource> make(const json& config, uint64_t seed = 7, uint32_t stage = 1) {
  return make_task(config, {"/task", "tiny.json", seed, stage});
}

const json kInstructed = {{"kind", "instructed-countdown"}};
const json kLists = {{"kind", "instructed-lists"}};

CountdownProblem problem_of(const Problem& problem) {
  return {problem.columns->at("numbers").get<std::array<int, 3>>(),
          problem.columns->at("target").get<int>()};
}

NumberList numbers_of(const Problem& problem) {
  NumberList list;
  std::istringstream stream(problem.columns->at("gold").get<std::string>());
  for (int& number : list) stream >> number;
  return list;
}

/// "ko expr" and so on, from the prompt.
std::string instruction_of(const Problem& problem) {
  std::istringstream stream(problem.prompt);
  std::string bos, language, form;
  stream >> bos >> language >> form;
  return language.substr(1, language.size() - 2) + " " + form.substr(1, form.size() - 2);
}

}  // namespace

TEST_CASE("instructed problems are drawn with each instruction equally often") {
  const auto task = make(kInstructed);
  std::map<std::string, int> counts;
  for (uint64_t n = 0; n < 8000; ++n) {
    const Problem problem = task->at(n);
    const json& columns = *problem.columns;
    REQUIRE(countdown_split(problem_of(problem)) == CountdownSplit::rl);
    REQUIRE(problem.index == n);
    REQUIRE(columns.at("language").get<std::string>() + " " +
                columns.at("form").get<std::string>() ==
            instruction_of(problem));
    REQUIRE(problem.difficulty == difficulty_name(countdown_difficulty(problem_of(problem))));
    ++counts[instruction_of(problem)];
  }
  CHECK(counts.size() == 4);
  for (const auto& [name, count] : counts)
    CHECK(count / 8000.0 == doctest::Approx(.25).epsilon(.08));
}

TEST_CASE("training problems are of the asked parts, of both by turns") {
  const auto split_at = [](const ProblemSource& task, uint64_t n) {
    return countdown_split(problem_of(task.at(n)));
  };
  const auto both = make({{"kind", "instructed-countdown"}, {"split", "both"}});
  const auto pretraining = make({{"kind", "instructed-countdown"}, {"split", "pretraining"}});
  for (uint64_t n = 0; n < 400; ++n) {
    REQUIRE(split_at(*both, n) == (n % 2 == 0 ? CountdownSplit::rl : CountdownSplit::pretraining));
    REQUIRE(split_at(*pretraining, n) == CountdownSplit::pretraining);
  }
}

TEST_CASE("the held-out list is that of countdown, with fixed instructions in equal shares") {
  const auto task = make(kInstructed);
  const auto base = make({{"kind", "countdown"}});
  const auto problems = task->held_out(task->num_held_out());
  const auto plain = base->held_out(base->num_held_out());
  REQUIRE(problems.size() == plain.size());
  std::map<std::string, int> counts;
  for (size_t i = 0; i < problems.size(); ++i) {
    REQUIRE(problems[i].columns->at("numbers") == plain[i].columns->at("nums"));
    REQUIRE(problems[i].columns->at("target") == plain[i].columns->at("target"));
    ++counts[instruction_of(problems[i])];
  }
  CHECK(counts.size() == 4);
  const auto size = static_cast<double>(problems.size());
  for (const auto& [name, count] : counts) CHECK(count / size == doctest::Approx(.25).epsilon(.2));
  const auto first = make(kInstructed, 8, 3)->held_out(64);
  for (size_t i = 0; i < first.size(); ++i) CHECK(first[i].prompt == problems[i].prompt);
  CHECK_THROWS_AS(task->held_out(problems.size() + 1), Error);
}

TEST_CASE("traces of both languages and both forms are diagnosed") {
  const auto task = make(kInstructed);
  Problem problem = task->at(0);
  problem.columns = std::make_shared<json>(json{{"numbers", {8, 11, 7}}, {"target", 10}});
  const auto report = [&](const char* text) { return *task->trace(problem, text); };
  const auto found = report(
      "<think> 8 + 11 = 19 19 + 7 = 26 크다 잠깐 11 - 8 = 3 3 + 7 = 10 맞다 </think> "
      "<answer> 11 - 8 = 3 3 + 7 = 10 </answer> <eos>");
  CHECK(found.mode == TraceReport::found);
  CHECK(found.waits == 1);
  CHECK(found.branches == 2);
  CHECK(!found.false_yes);
  CHECK(report("<think> 11 - 8 = 3 3 + 7 = 10 맞다 </think> <answer> 11 - 8 = 3 3 + 7 = 11 "
               "</answer> <eos>")
            .false_yes);
  CHECK(report("<think> 11 - 8 = 3 3 + 8 = 11 맞다 </think> <answer> ( 11 - 8 ) + 7 </answer>")
            .false_yes);
  CHECK(report("<think> 8 + 11 = 19 19 + 7 = 26 크다 wait 8 - 3 </think>").mode ==
        TraceReport::give_up);
  CHECK(report("<think> </think> <answer> 1 </answer>").mode == TraceReport::direct);
}

TEST_CASE("lists are sorted or turned round, and graded exactly") {
  const auto task = make(kLists);
  const auto reward = rewards::make_reward({{"kind", "exact"}, {"extract", "answer_tag"}}, "/r");
  std::map<std::string, int> counts;
  for (uint64_t n = 0; n < 4000; ++n) {
    const Problem problem = task->at(n);
    const NumberList gold = numbers_of(problem);
    std::istringstream stream(problem.prompt);
    std::string word;
    stream >> word >> word >> word;
    NumberList list;
    for (int& number : list) stream >> number;
    REQUIRE(std::set(list.begin(), list.end()).size() == 5);
    REQUIRE(list_split(list) == CountdownSplit::rl);
    REQUIRE(gold ==
            operated(list, word == "<sort>" ? ListOperation::sort : ListOperation::reverse));
    REQUIRE(problem.columns->at("language").get<std::string>() + " " +
                problem.columns->at("operation").get<std::string>() ==
            instruction_of(problem));
    ++counts[instruction_of(problem)];
    const std::string right =
        "<think> </think> <answer> " + problem.columns->at("gold").get<std::string>();
    const json& columns = *problem.columns;
    REQUIRE(reward->score({"", right + " </answer> <eos>", false, columns, {}, 0, 0}).value == 1.0);
    REQUIRE(reward->score({"", right + " 1 </answer> <eos>", false, columns, {}, 0, 0}).value ==
            0.0);
  }
  CHECK(counts.size() == 4);
  for (const auto& [name, count] : counts)
    CHECK(count / 4000.0 == doctest::Approx(.25).epsilon(.1));
}

TEST_CASE("held-out lists are fixed, different, and a tenth of all") {
  const auto task = make(kLists);
  const auto problems = task->held_out(task->num_held_out());
  std::set<std::string> prompts;
  for (const Problem& problem : problems) {
    REQUIRE(list_split(numbers_of(problem)) == CountdownSplit::held_out);
    prompts.insert(problem.prompt);
  }
  CHECK(prompts.size() == problems.size());
  const auto first = make(kLists, 8, 3)->held_out(64);
  for (size_t i = 0; i < first.size(); ++i) CHECK(first[i].prompt == problems[i].prompt);
  CHECK_THROWS_AS(task->held_out(problems.size() + 1), Error);
  int held_out = 0;
  int all = 0;
  for (int a = 1; a <= 46; ++a) {
    for (int b = a + 1; b <= 47; ++b) {
      for (int c = b + 1; c <= 48; ++c, ++all) {
        held_out += list_split({a, 50, c, b, 49}) == CountdownSplit::held_out ? 1 : 0;
        REQUIRE(list_split({a, 50, c, b, 49}) == list_split({c, b, a, 49, 50}));
      }
    }
  }
  CHECK(held_out / double(all) == doctest::Approx(26.0 / 256).epsilon(.06));
}

TEST_CASE("problems of both tasks depend on seed, stage and position only") {
  for (const json& config : {kInstructed, kLists}) {
    const auto task = make(config);
    int equal = 0;
    for (uint64_t position : {5, 0, 17, 3'000'000}) {
      CHECK(task->at(position).prompt == make(config)->at(position).prompt);
      equal += task->at(position).prompt == make(config, 8)->at(position).prompt ? 1 : 0;
      equal += task->at(position).prompt == make(config, 7, 2)->at(position).prompt ? 1 : 0;
    }
    CHECK(equal < 4);
  }
}

TEST_CASE("wrong options of the instructed tasks are refused by key") {
  const auto refused = [](const char* key, const json& value) {
    CHECK_THROWS_WITH_AS(make({{"kind", "instructed-countdown"}, {key, value}}),
                         doctest::Contains(key), Error);
  };
  refused("split", "held_out");
  refused("difficulty", "absurd");
  refused("max_number", 13);
  CHECK_THROWS_AS(make({{"kind", "instructed-lists"}, {"split", "rl"}}), Error);
}
