#include "tasks/mixture_task.h"

#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "core/files.h"

using namespace reckon;
using namespace reckon::tasks;
using nlohmann::json;

namespace {

std::unique_ptr<ProblemSource> make(const json& config, uint64_t seed = 7) {
  return make_task(config, {"/task", "tiny.json", seed, 1});
}

json part(const char* name, int weight, const json& task) {
  return {{"name", name}, {"weight", weight}, {"task", task}};
}

json mixture(const json& parts) { return {{"kind", "mixture"}, {"parts", parts}}; }

const json kCountdown = {{"kind", "instructed-countdown"}};
const json kLists = {{"kind", "instructed-lists"}};
const json kMixture = mixture({part("countdown", 12, kCountdown), part("lists", 4, kLists)});

std::string task_of(const Problem& problem) { return problem.columns->at("task"); }

/// A task of `rows` rows in a file of the folder.
json data_task(const TempFolder& folder, int rows) {
  std::string text;
  for (int i = 0; i < rows; ++i) {
    text += json{{"prompt", fmt::format("p{}", i)}, {"gold", fmt::format("{}", i)}}.dump() + "\n";
  }
  const auto path = folder.path() / "rows.jsonl";
  write_file_atomic(path, text);
  return {{"kind", "jsonl"},
          {"path", path.string()},
          {"held_out_fraction", 0.2},
          {"max_unreadable", 1.0}};
}

}  // namespace

TEST_CASE("every round of a mixture holds exactly the weights, spread evenly") {
  const auto task = make(mixture(
      {part("a", 5, kCountdown), part("b", 1, kLists), part("c", 2, {{"kind", "countdown"}})}));
  for (uint64_t round = 0; round < 50; ++round) {
    std::map<std::string, int> counts;
    for (uint64_t n = 0; n < 8; ++n) ++counts[task_of(task->at(8 * round + n))];
    REQUIRE(counts == std::map<std::string, int>{{"a", 5}, {"b", 1}, {"c", 2}});
  }
  // 12 and 4: every fourth one is a list.
  const auto spread = make(kMixture);
  for (uint64_t four = 0; four < 40; ++four) {
    int lists = 0;
    for (uint64_t n = 0; n < 4; ++n) lists += task_of(spread->at(4 * four + n)) == "lists" ? 1 : 0;
    REQUIRE(lists == 1);
  }
}

TEST_CASE("each part goes on from its own place, and indices are the mixture's") {
  const auto task = make(kMixture);
  const auto countdown = make(kCountdown);
  uint64_t next = 0;
  std::set<std::string> lists;
  for (uint64_t n = 0; n < 400; ++n) {
    const Problem problem = task->at(n);
    REQUIRE(problem.index == n);
    if (task_of(problem) == "lists") {
      lists.insert(problem.prompt);
    } else {
      REQUIRE(problem.prompt == countdown->at(next++).prompt);
    }
  }
  CHECK(next == 300);
  CHECK(lists.size() == 100);
  // Two parts of one kind draw different problems.
  const auto twice = make(mixture({part("a", 1, kCountdown), part("b", 1, kCountdown)}));
  int equal = 0;
  for (uint64_t n = 0; n < 20; ++n) {
    equal += twice->at(2 * n).prompt == twice->at(2 * n + 1).prompt ? 1 : 0;
  }
  CHECK(equal < 3);
}

TEST_CASE("held-out problems of a mixture are woven in the same turns until all are given") {
  const auto task = make(kMixture);
  const uint64_t all = task->num_held_out();
  CHECK(all == make(kCountdown)->num_held_out() + make(kLists)->num_held_out());
  const auto problems = task->held_out(all);
  REQUIRE(problems.size() == all);
  std::map<std::string, std::set<std::string>> prompts;
  for (size_t i = 0; i < problems.size(); ++i) {
    REQUIRE(problems[i].index == i);
    prompts[task_of(problems[i])].insert(problems[i].prompt);
    if (i < 64) REQUIRE(task_of(problems[i]) == task_of(task->at(i)));
  }
  CHECK(prompts["countdown"].size() == make(kCountdown)->num_held_out());
  CHECK(prompts["lists"].size() == make(kLists)->num_held_out());
  const auto first = make(kMixture, 8)->held_out(100);
  for (size_t i = 0; i < first.size(); ++i) CHECK(first[i].prompt == problems[i].prompt);
  CHECK_THROWS_AS(task->held_out(all + 1), Error);
}

TEST_CASE("a mixture asks the part of a problem about its trace") {
  const auto task = make(kMixture);
  for (uint64_t n = 0; n < 8; ++n) {
    const Problem problem = task->at(n);
    const auto report = task->trace(problem, "<think> </think> <answer> 1 </answer>");
    CHECK(report.has_value() == (task_of(problem) == "countdown"));
  }
  CHECK_THROWS_AS(task->trace(make(kCountdown)->at(0), ""), Error);
}

TEST_CASE("rows of the parts stand one after another, and are left out there") {
  const TempFolder folder;
  const json data = data_task(folder, 20);
  const auto task =
      make(mixture({part("a", 1, data), part("none", 1, kLists), part("b", 1, data)}));
  const auto rows = task->rows();
  REQUIRE(rows.size() == 40);
  CHECK(rows[0].task == "a");
  CHECK(rows[19].task == "a");
  CHECK(rows[20].task == "b");
  std::vector<bool> unusable(40, false);
  std::set<std::string> left_out;
  for (size_t i = 20; i < 30; ++i) {
    unusable[i] = true;
    left_out.insert(rows[i].columns->at("gold").get<std::string>());
  }
  task->leave_out(unusable);
  bool seen_in_a = false;
  for (uint64_t n = 0; n < 300; ++n) {
    const Problem problem = task->at(n);
    if (task_of(problem) == "none") continue;
    const bool out = left_out.contains(problem.columns->at("gold").get<std::string>());
    if (task_of(problem) == "b") REQUIRE(!out);
    seen_in_a |= task_of(problem) == "a" && out;
  }
  CHECK(seen_in_a);
  CHECK_THROWS_AS(task->leave_out({true}), Error);
}

TEST_CASE("wrong mixtures are refused by file and key") {
  const auto refused = [](const json& config, const char* place) {
    CHECK_THROWS_WITH_AS(make(config), doctest::Contains(place), Error);
  };
  // One part alone would be taken for the list itself.
  const auto alone = [](const json& one) { return mixture(json::array({one})); };
  refused(mixture(json::array()), "tiny.json /task/parts");
  refused({{"kind", "mixture"}}, "/task/parts");
  refused(alone(part("a", 0, kLists)), "/task/parts/0/weight");
  refused(mixture({part("a", 1, kLists), part("a", 1, kCountdown)}), "/task/parts/1/name");
  refused(alone(part("", 1, kLists)), "/task/parts/0/name");
  refused(alone(part("a", 1, kMixture)), "/task/parts/0/task");
  refused(alone(part("a", 1, {{"kind", "lists"}})), "/task/parts/0/task/kind");
  refused(alone(part("a", 1, "lists")), "/task/parts/0/task");
}
