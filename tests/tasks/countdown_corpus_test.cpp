#include "tasks/countdown_corpus.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/error.h"
#include "rewards/countdown.h"
#include "tasks/countdown_task.h"
#include "tasks/countdown_trace.h"

using namespace reckon;
using namespace reckon::tasks;
using nlohmann::json;

namespace {

std::unique_ptr<Corpus> make(const json& config = {{"kind", "countdown-traces"}}, uint64_t seed = 7,
                             uint32_t stage = 0) {
  return make_corpus(config, {"/stages/0/corpus", "tiny.json", seed, stage});
}

CountdownProblem parse_prompt(const std::string& prompt) {
  std::istringstream stream(prompt);
  std::string word;
  CountdownProblem problem;
  stream >> word >> problem.numbers[0] >> problem.numbers[1] >> problem.numbers[2] >> word >>
      problem.target;
  return problem;
}

}  // namespace

TEST_CASE("every document ends with a right answer to a pretraining problem") {
  const auto corpus = make();
  const auto reward =
      rewards::make_reward({{"kind", "countdown"}}, "/stages/1/rewards/0", "tiny.json");
  for (uint64_t n = 0; n < 20'000; ++n) {
    const Document document = corpus->at(n);
    const CountdownProblem problem = parse_prompt(document.prompt);
    REQUIRE(document.prompt == countdown_prompt(problem));
    REQUIRE(countdown_split(problem) == CountdownSplit::pretraining);
    const json columns = {{"nums", problem.numbers}, {"target", problem.target}};
    const auto result =
        reward->score({document.prompt, document.completion, false, columns, {}, 0, 0});
    REQUIRE_MESSAGE(result.value == 1.0, document.completion, ": ", result.reason);
    const TraceReport report = read_trace(document.completion, problem.numbers, problem.target);
    REQUIRE(!report.false_yes);
    REQUIRE(report.branches == report.waits + (report.mode == TraceReport::direct ? 0 : 1));
  }
}

TEST_CASE("documents have the mean length of the specification") {
  const auto corpus = make();
  constexpr uint64_t kDocuments = 100'000;
  double tokens = 0;
  for (uint64_t n = 0; n < kDocuments; ++n) {
    const DocumentIds ids = corpus->ids_at(n);
    REQUIRE(ids.prompt.size() == 6);
    tokens += static_cast<double>(ids.prompt.size() + ids.completion.size());
  }
  // The deviation of the mean is 0.13.
  CHECK(tokens / kDocuments == doctest::Approx(35.5).epsilon(.015));
}

TEST_CASE("the share of direct documents is the first patience weight") {
  const auto corpus = make();
  constexpr int kDocuments = 50'000;
  int direct = 0;
  for (uint64_t n = 0; n < kDocuments; ++n) direct += corpus->ids_at(n).completion.size() == 12;
  CHECK(direct / double{kDocuments} == doctest::Approx(.68).epsilon(.01));
}

TEST_CASE("patience is drawn by its weights") {
  json weights = {0, 0, 1, 0, 0, 3, 0, 0, 0, 0};
  const auto corpus = make({{"kind", "countdown-traces"}, {"patience_weights", weights}});
  std::map<int, int> branches;  // of documents that gave up
  int shown = 0;
  for (uint64_t n = 0; n < 40'000; ++n) {
    const Document document = corpus->at(n);
    const CountdownProblem problem = parse_prompt(document.prompt);
    const TraceReport report = read_trace(document.completion, problem.numbers, problem.target);
    REQUIRE(report.mode != TraceReport::direct);
    REQUIRE(report.branches <= 5);
    // Only problems that neither patience solves show which one was drawn.
    if (countdown_solutions(problem).front().branch < 5) continue;
    REQUIRE(report.mode == TraceReport::give_up);
    ++branches[report.branches];
    ++shown;
  }
  CHECK(branches.size() == 2);
  CHECK(branches[2] / double(shown) == doctest::Approx(.25).epsilon(.05));
}

TEST_CASE("patience without end finds always") {
  json weights = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  const auto corpus = make({{"kind", "countdown-traces"}, {"patience_weights", weights}});
  for (uint64_t n = 0; n < 2000; ++n) {
    const Document document = corpus->at(n);
    const CountdownProblem problem = parse_prompt(document.prompt);
    REQUIRE(read_trace(document.completion, problem.numbers, problem.target).mode ==
            TraceReport::found);
  }
}

TEST_CASE("the answer of a direct document is drawn uniformly from the solutions") {
  const auto corpus = make();
  std::map<std::string, std::map<std::string, int>> answers;
  for (uint64_t n = 0; n < 300'000; ++n) {
    const DocumentIds ids = corpus->ids_at(n);
    if (ids.completion.size() != 12) continue;
    ++answers[countdown_text(ids.prompt)][countdown_text(ids.completion)];
  }
  double chi_square = 0;
  double freedom = 0;
  for (const auto& [prompt, counts] : answers) {
    const auto num_solutions =
        static_cast<double>(countdown_solutions(parse_prompt(prompt)).size());
    double total = 0;
    for (const auto& [answer, count] : counts) total += count;
    const double expected = total / num_solutions;
    double seen = 0;
    for (const auto& [answer, count] : counts) {
      chi_square += std::pow(count - expected, 2) / expected;
      ++seen;
    }
    chi_square += (num_solutions - seen) * expected;
    freedom += num_solutions - 1;
  }
  CHECK(std::abs(chi_square - freedom) < 4 * std::sqrt(2 * freedom));
}

TEST_CASE("a document is a function of seed, stage and number, and text and ids agree") {
  const auto corpus = make();
  const auto other_seed = make({{"kind", "countdown-traces"}}, 8);
  const auto other_stage = make({{"kind", "countdown-traces"}}, 7, 1);
  const std::vector<std::string> words = corpus->vocabulary();
  int equal = 0;
  for (uint64_t n : {0ULL, 12ULL, 5'000'000'000ULL}) {
    const Document document = corpus->at(n);
    CHECK(make()->at(n).completion == document.completion);
    const DocumentIds ids = corpus->ids_at(n);
    std::string text;
    for (const int32_t id : ids.completion) {
      text += (text.empty() ? "" : " ") + words.at(static_cast<size_t>(id));
    }
    CHECK(text == document.completion);
    equal += document.prompt == other_seed->at(n).prompt ? 1 : 0;
    equal += document.prompt == other_stage->at(n).prompt ? 1 : 0;
  }
  CHECK(equal < 3);
}

TEST_CASE("pretraining, training and held-out problems have no unordered problem in common") {
  std::array<std::set<CountdownProblem>, 3> seen;
  const auto add = [&seen](size_t where, CountdownProblem problem) {
    std::sort(problem.numbers.begin(), problem.numbers.end());
    seen[where].insert(problem);
  };
  const auto corpus = make();
  const auto task = make_task({{"kind", "countdown"}}, {"/task", "tiny.json", 7, 1});
  for (uint64_t n = 0; n < 10'000; ++n) {
    add(0, parse_prompt(corpus->at(n).prompt));
    add(1, parse_prompt(task->at(n).prompt));
  }
  for (const Problem& problem : task->held_out(task->num_held_out())) {
    add(2, parse_prompt(problem.prompt));
  }
  std::set<CountdownProblem> all;
  for (const auto& problems : seen) all.insert(problems.begin(), problems.end());
  CHECK(all.size() == seen[0].size() + seen[1].size() + seen[2].size());
  CHECK(all.size() > 1500);
}

TEST_CASE("wrong patience weights are refused by file and key") {
  const auto with = [](const json& weights) {
    return make({{"kind", "countdown-traces"}, {"patience_weights", weights}});
  };
  const auto key = doctest::Contains("tiny.json /stages/0/corpus/patience_weights");
  CHECK_THROWS_WITH_AS(with({1, 2, 3}), key, Error);
  CHECK_THROWS_WITH_AS(with({0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), key, Error);
  CHECK_THROWS_WITH_AS(with({1, 0, 0, 0, 0, 0, 0, 0, 0, -1}), key, Error);
}
