#include "tasks/arithmetic_task.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"

using namespace reckon;
using namespace reckon::tasks;
using nlohmann::json;

namespace {

std::unique_ptr<ProblemSource> make(json config = json::object(), uint64_t seed = 7,
                                    uint32_t stage = 1) {
  config["kind"] = "arithmetic";
  return make_task(config, {"/task", "sums.json", seed, stage});
}

std::string message(const json& config) {
  try {
    make(config);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_argument);
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Reads "12 + 7 - 5" back.
ArithmeticExpression parse(const std::string& text) {
  ArithmeticExpression expression;
  std::istringstream words(text);
  int64_t number = 0;
  char sign = 0;
  words >> number;
  expression.numbers.push_back(number);
  while (words >> sign >> number) {
    expression.signs.push_back(sign);
    expression.numbers.push_back(number);
  }
  return expression;
}

ArithmeticExpression expression_of(const Problem& problem) {
  return parse(problem.columns->at("expression").get<std::string>());
}

}  // namespace

TEST_CASE("a drawn sum depends on seed, stage and position only") {
  const auto task = make();
  const auto same = make();
  same->at(99);
  int equal_seed = 0;
  int equal_stage = 0;
  for (uint64_t position : {5, 0, 17, 3'000'000}) {
    const Problem problem = task->at(position);
    CHECK(problem.index == position);
    CHECK(problem.prompt == same->at(position).prompt);
    CHECK(*problem.columns == *same->at(position).columns);
    equal_seed += problem.prompt == make({}, 8)->at(position).prompt ? 1 : 0;
    equal_stage += problem.prompt == make({}, 7, 2)->at(position).prompt ? 1 : 0;
  }
  CHECK(equal_seed < 4);
  CHECK(equal_stage < 4);
}

TEST_CASE("the column answer holds the value of the question") {
  const auto task = make({{"steps", {1, 2, 3}}});
  std::set<std::string> classes;
  for (uint64_t n = 0; n < 500; ++n) {
    const Problem problem = task->at(n);
    CHECK(problem.messages == std::vector<ChatMessage>{{"user", problem.prompt}});
    CHECK(problem.columns->at("answer") == arithmetic_value(expression_of(problem)));
    CHECK(
        problem.prompt.ends_with("? Think briefly, then put the final answer in \\boxed{}.") +
            problem.prompt.ends_with(". Think briefly, then put the final answer in \\boxed{}.") ==
        1);
    classes.insert(problem.difficulty);
  }
  CHECK(classes == std::set<std::string>{"1 step", "1 step, story", "2 steps", "2 steps, story",
                                         "3 steps", "3 steps, story"});
}

TEST_CASE("no held-out sum is met in training, in no order and no dress") {
  const auto task = make({{"max_number", 12}, {"max_factor", 9}});
  std::set<std::string> held_out;
  for (const Problem& problem : task->held_out(task->num_held_out())) {
    held_out.insert(arithmetic_canonical(expression_of(problem)));
  }
  CHECK(held_out.size() > 20);
  for (uint64_t n = 0; n < 3000; ++n) {
    REQUIRE(held_out.count(arithmetic_canonical(expression_of(task->at(n)))) == 0);
  }
}

TEST_CASE("the held-out sums are the same in every run, and a shorter list begins the longer one") {
  const auto task = make();
  REQUIRE(task->num_held_out() == 4096);
  const std::vector<Problem> all = task->held_out(4096);
  std::set<std::string> prompts;
  for (size_t i = 0; i < all.size(); ++i) {
    REQUIRE(all[i].index == i);
    prompts.insert(all[i].prompt);
  }
  CHECK(prompts.size() == all.size());
  const std::vector<Problem> first = make({}, 8, 0)->held_out(64);
  for (size_t i = 0; i < first.size(); ++i) CHECK(first[i].prompt == all[i].prompt);
  CHECK_THROWS_WITH_AS(task->held_out(4097), doctest::Contains("expected at most"), Error);
}

TEST_CASE("stories and instruction come as often and as asked") {
  const auto bare = make({{"word_problems", 0}, {"instruction", ""}, {"steps", {1}}});
  const auto stories = make({{"word_problems", 1}, {"instruction", "Answer:"}});
  for (uint64_t n = 0; n < 50; ++n) {
    CHECK(contains(bare->at(n).prompt, bare->at(n).columns->at("expression").get<std::string>()));
    CHECK(stories->at(n).prompt.ends_with("? Answer:"));
    CHECK(contains(stories->at(n).difficulty, "story"));
  }
}

TEST_CASE("worked examples stand before the question as finished turns") {
  const json options = {{"instruction", ""}, {"word_problems", 0.5}};
  for (int count = 1; count <= 4; ++count) {
    json config = options;
    config["examples"] = count;
    const Problem problem = make(config)->held_out(1).at(0);
    CHECK(problem.prompt == make(options)->held_out(1).at(0).prompt);
    REQUIRE(problem.messages.size() == 2 * static_cast<size_t>(count) + 2);
    CHECK(problem.messages[0].role == "system");
    for (size_t i = 1; i < problem.messages.size(); ++i) {
      CHECK(problem.messages[i].role == (i % 2 == 1 ? "user" : "assistant"));
    }
    CHECK(problem.messages.back().content == problem.prompt);
  }
  CHECK(contains(message({{"examples", 5}}), "/task/examples"));
}

TEST_CASE("worked examples are right and are never asked, neither in training nor held out") {
  const Problem problem = make({{"examples", 4}})->at(0);
  for (size_t i = 2; i + 1 < problem.messages.size(); i += 2) {
    const std::string& answer = problem.messages[i].content;
    const ArithmeticExpression expression = parse(answer.substr(0, answer.find(" =")));
    CHECK(answer == arithmetic_text(expression) + " = \\boxed{" +
                        std::to_string(arithmetic_value(expression)) + "}");
    CHECK(arithmetic_split(expression) == ArithmeticSplit::pretraining);
  }
}

TEST_CASE("options without problems are refused by file and key") {
  CHECK(contains(message({{"operations", json::array()}}), "sums.json /task/operations"));
  CHECK(contains(message({{"operations", {"divide"}}}), "/task/operations"));
  CHECK(contains(message({{"steps", json::array()}}), "sums.json /task/steps"));
  CHECK(contains(message({{"steps", {9}}}), "/task/steps"));
  CHECK(contains(message({{"operations", {"multiply"}}, {"steps", {2}}}),
                 "got none in 10000 draws, in sums.json /task"));
  CHECK(contains(message({{"max_number", 1}}), "/task/max_number"));
  CHECK(contains(message({{"max_numbr", 9}}), "max_number"));
}
