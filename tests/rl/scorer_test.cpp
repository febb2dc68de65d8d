#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "rl/sampling_round.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

/// A coin of each task, and a length term and a form for all.
Scorer mixed_scorer() {
  return Scorer({{{"kind", "repetition"}},
                 {{"kind", "random"}, {"name", "a"}, {"tasks", {"a"}}, {"probability", 1}},
                 {{"kind", "random"}, {"name", "b"}, {"tasks", {"b"}}, {"probability", 0}},
                 {{"kind", "thinks"}, {"weight", 0.5}, {"tasks", {"a", "b"}}}},
                "/rewards", "recipe");
}

ScoredGroup scored(const Scorer& scorer, const json& columns) {
  ScoredGroup group;
  group.problem.columns = std::make_shared<json>(columns);
  group.completions.resize(2);
  for (auto& sample : group.completions) sample.text = "<think> so </think> 1";
  scorer.score(group, {}, 10);
  return group;
}

}  // namespace

TEST_CASE("the reward that says what is right is found by the task of the problem") {
  const Scorer scorer = mixed_scorer();
  const ScoredGroup a = scored(scorer, {{"task", "a"}});
  const ScoredGroup b = scored(scorer, {{"task", "b"}});
  CHECK(scorer.accuracy_index(a.problem) == 1);
  CHECK(scorer.accuracy_index(b.problem) == 2);
  for (const auto& sample : a.completions) CHECK(scorer.is_correct(sample));
  for (const auto& sample : b.completions) CHECK(!scorer.is_correct(sample));
  CHECK(scorer.accuracy_score(b.completions[0]).reason == "tails");
}

TEST_CASE("rewards of other tasks have no value and are not in the sum") {
  const Scorer scorer = mixed_scorer();
  const ScoredGroup a = scored(scorer, {{"task", "a"}});
  REQUIRE(a.completions[1].scores.size() == 4);
  CHECK(!a.completions[1].scores[2].value);
  CHECK(a.completions[1].scores[2].reason == "not for this task");
  CHECK(a.completions[1].reward == 1.5);
  CHECK(scored(scorer, {{"task", "b"}}).completions[0].reward == 0.5);
}

TEST_CASE("a problem that no reward but a length term scores is never right") {
  const Scorer scorer = mixed_scorer();
  for (const json& columns : {json{{"task", "c"}}, json::object()}) {
    const ScoredGroup group = scored(scorer, columns);
    CHECK(scorer.accuracy_index(group.problem) == 1);
    CHECK(!scorer.is_correct(group.completions[0]));
  }
}
