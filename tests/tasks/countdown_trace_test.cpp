#include "tasks/countdown_trace.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "core/error.h"

using namespace reckon;
using namespace reckon::tasks;

namespace {

std::string completion(const CountdownProblem& problem, const CountdownTrace& trace) {
  return countdown_text(countdown_trace_ids(problem, trace));
}

}  // namespace

TEST_CASE("the vocabulary is 170 different words, the numbers from 20 on") {
  const std::vector<std::string> words = countdown_vocabulary();
  CHECK(words.size() == 170);
  CHECK(std::set(words.begin(), words.end()).size() == 170);
  CHECK(words[0] == "<pad>");
  CHECK(words[2] == "<eos>");
  CHECK(words[19] == "high");
  CHECK(words[20] == "0");
  CHECK(words[169] == "149");
  std::vector<int32_t> ids(words.size());
  std::string text;
  for (size_t i = 0; i < ids.size(); ++i) {
    ids[i] = static_cast<int32_t>(i);
    text += (i == 0 ? "" : " ") + words[i];
  }
  CHECK(countdown_text(ids) == text);
  CHECK_THROWS_AS(countdown_text(std::vector<int32_t>{170}), Error);
  CHECK_THROWS_AS(countdown_text(std::vector<int32_t>{-1}), Error);
}

TEST_CASE("prompt ids and prompt text agree") {
  const CountdownProblem problem{{4, 12, 3}, 24};
  CHECK(countdown_prompt(problem) == "<bos> 4 12 3 target 24");
  CHECK(countdown_text(countdown_prompt_ids(problem)) == countdown_prompt(problem));
}

TEST_CASE("a direct answer has twelve tokens") {
  const CountdownProblem problem{{10, 5, 6}, 44};
  const CountdownTrace trace{0, {2, 1}, 50};
  CHECK(completion(problem, trace) == "<think> </think> <answer> ( 10 * 5 ) - 6 </answer> <eos>");
  CHECK(countdown_trace_ids(problem, trace).size() == 12);
}

TEST_CASE("a search stops at the leaf that equals the target and answers it") {
  const std::string expected =
      "<think> 4 + 12 = 16 16 + 3 = 19 low 16 - 3 = 13 low 16 * 3 = 48 high "
      "wait 12 - 4 = 8 8 + 3 = 11 low 8 - 3 = 5 low 8 * 3 = 24 yes </think> "
      "<answer> ( 12 - 4 ) * 3 </answer> <eos>";
  for (const int patience : {2, 3, 9}) {
    CHECK(completion({{4, 12, 3}, 24}, {patience, {0, 0}, 50}) == expected);
  }
}

TEST_CASE("a search that runs out of patience answers the given solution") {
  CHECK(completion({{12, 4, 7}, 41}, {1, {2, 1}, 50}) ==
        "<think> 12 + 4 = 16 16 + 7 = 23 low 16 - 7 = 9 low 16 * 7 = big high </think> "
        "<answer> ( 12 * 4 ) - 7 </answer> <eos>");
}

TEST_CASE("the group stands last where the number left over is the larger") {
  // The second branch of 3, 1, 12 gives 2, and 12 - 2 = 10.
  const CountdownProblem problem{{3, 1, 12}, 10};
  REQUIRE(countdown_solutions(problem).front() == CountdownLeaf{1, 1});
  CHECK(completion(problem, {0, {1, 1}, 50}) ==
        "<think> </think> <answer> 12 - ( 3 - 1 ) </answer> <eos>");
}

TEST_CASE("the longest completion of the space has 221 tokens and every id is in the vocabulary") {
  size_t longest = 0;
  for (const CountdownProblem& problem : CountdownSpace({}).problems()) {
    const std::vector<int32_t> ids = countdown_trace_ids(problem, {9, {0, 0}, 50});
    longest = std::max(longest, ids.size());
    REQUIRE(*std::max_element(ids.begin(), ids.end()) < 170);
    const CountdownLeaf first = countdown_solutions(problem).front();
    const auto wait = countdown_trace_ids(problem, {9, {0, 0}, 50});
    REQUIRE(std::count(wait.begin(), wait.end(), 16) == first.branch);
  }
  CHECK(longest == 221);
}
