#include "tasks/functions.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tasks/functions_task.h"

using namespace reckon;
using namespace reckon::tasks;

namespace {

const StepFunction kPlusTimes = {{'+', 2}, {'*', 3}};

FunctionsTask make_task() { return FunctionsTask({}, {"/task", "recipe", 7, 1}); }

}  // namespace

TEST_CASE("a function of steps is worked out from left to right") {
  CHECK(function_value(kPlusTimes, 5) == 21);
  CHECK(function_value({{'*', 4}, {'-', 9}}, -2) == -17);
}

TEST_CASE("its program keeps the order by parentheses, or leaves it to Python") {
  CHECK(function_words(kPlusTimes) == "x plus 2 times 3");
  CHECK(function_program(kPlusTimes, true) == "def f ( x ) : return ( x + 2 ) * 3");
  CHECK(function_program(kPlusTimes, false) == "def f ( x ) : return x + 2 * 3");
  CHECK(function_program({{'-', 1}, {'+', 2}, {'*', 3}}, true) ==
        "def f ( x ) : return ( ( x - 1 ) + 2 ) * 3");
}

TEST_CASE("parentheses are needed where a product follows a sum") {
  CHECK(needs_grouping(kPlusTimes));
  CHECK_FALSE(needs_grouping({{'*', 3}, {'+', 2}}));
  CHECK_FALSE(needs_grouping({{'+', 3}, {'*', 1}}));
}

TEST_CASE("drawn functions are of the split that was asked for") {
  RandomSequence random(RandomStream({1, 0, Purpose::shuffle, 0}), 0, 0);
  for (const auto split :
       {FunctionSplit::pretraining, FunctionSplit::rl, FunctionSplit::held_out}) {
    for (int i = 0; i < 50; ++i) CHECK(function_split(draw_function({}, split, random)) == split);
  }
}

TEST_CASE("problems carry their tests as calls with expected values") {
  const Problem problem = make_task().at(3);
  const auto& info = problem.columns->at("verification_info");
  CHECK(info.at("language") == "python");
  REQUIRE(info.at("test_cases").size() == 2);
  CHECK(info["test_cases"][0]["fn_name"] == "f");
  CHECK(problem.prompt == "<bos> " + problem.columns->at("words").get<std::string>() + " :");
}

TEST_CASE("held-out functions differ from each other, from training, and not by seed") {
  const auto held_out = make_task().held_out(200);
  std::set<std::string> words;
  for (const auto& problem : held_out) words.insert(problem.prompt);
  CHECK(words.size() == 200);
  for (uint64_t i = 0; i < 200; ++i) CHECK_FALSE(words.contains(make_task().at(i).prompt));
  const FunctionsTask other({}, {"/task", "recipe", 8, 1});
  CHECK(other.held_out(5).back().prompt == held_out[4].prompt);
}

TEST_CASE("documents are right as often as they group, and their ids spell their text") {
  const FunctionPrograms corpus({}, {"/corpus", "recipe", 7, 0});
  const auto words = corpus.vocabulary();
  int grouped = 0;
  for (uint64_t n = 0; n < 300; ++n) {
    const Document document = corpus.at(n);
    const DocumentIds ids = corpus.ids_at(n);
    std::string text;
    for (const int32_t id : ids.completion) text += " " + words.at(static_cast<size_t>(id));
    CHECK(text.substr(1) == document.completion);
    grouped += document.completion.find("( ( x") != std::string::npos;
  }
  CHECK(grouped > 300 * 0.2);
  CHECK(grouped < 300 * 0.4);
}
