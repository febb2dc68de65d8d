#include <doctest/doctest.h>

#include "tasks/countdown_trace.h"

using namespace reckon::tasks;

namespace {

/// The report on an answer to `<bos> 4 12 3 target 24`.
TraceReport report(std::string_view completion) { return read_trace(completion, {4, 12, 3}, 24); }

constexpr const char* kAnswer = " </think> <answer> ( 12 - 4 ) * 3 </answer> <eos>";

}  // namespace

TEST_CASE("an empty thought is direct") {
  const TraceReport direct = report(std::string("<think>") + kAnswer);
  CHECK(direct.mode == TraceReport::direct);
  CHECK(direct.branches == 0);
  CHECK(direct.waits == 0);
  CHECK(!direct.false_yes);
}

TEST_CASE("a thought without yes gives up") {
  const TraceReport given_up =
      report(std::string("<think> 4 + 12 = 16 16 + 3 = 19 low wait 12 - 4 = 8") + kAnswer);
  CHECK(given_up.mode == TraceReport::give_up);
  CHECK(given_up.branches == 2);
  CHECK(given_up.waits == 1);
  CHECK(!given_up.false_yes);
}

TEST_CASE("a search that is cut off gives up, even before its first word") {
  CHECK(report("<think> 4 + 12 = 16 16 + 3").mode == TraceReport::give_up);
  CHECK(report("<think>").mode == TraceReport::give_up);
  CHECK(report("").mode == TraceReport::give_up);
}

TEST_CASE("a thought with a true yes has found") {
  const TraceReport found = report(
      std::string("<think> 4 + 12 = 16 16 * 3 = 48 high wait 12 - 4 = 8 8 * 3 = 24 yes") + kAnswer);
  CHECK(found.mode == TraceReport::found);
  CHECK(found.branches == 2);
  CHECK(found.waits == 1);
  CHECK(!found.false_yes);
}

TEST_CASE("a yes is false if its leaf, its branch, its numbers or its target are wrong") {
  for (const char* thought : {"12 - 4 = 8 8 * 3 = 25 yes",      // wrong arithmetic
                              "12 - 4 = 8 8 + 3 = 11 yes",      // not the target
                              "12 - 4 = 8 8 * 3 = 24 low yes",  // no leaf before the yes
                              "12 - 4 = 6 6 * 4 = 24 yes",      // wrong arithmetic in the branch
                              "12 - 4 = 8 6 * 4 = 24 yes",      // the leaf is of another branch
                              "12 * 2 = 24 24 * 1 = 24 yes",    // numbers that are not given
                              "12 + 12 = 24 24 * 1 = 24 yes",   // a number used twice
                              "8 * 3 = 24 yes", "yes",          // no branch
                              "12 - 4 = 8 8 * 3 = big yes"}) {
    const TraceReport found = report(std::string("<think> ") + thought + kAnswer);
    INFO(thought);
    CHECK(found.mode == TraceReport::found);
    CHECK(found.false_yes);
  }
}

TEST_CASE("one false yes is enough") {
  CHECK(report(std::string("<think> 4 + 12 = 16 16 + 3 = 19 yes wait 12 - 4 = 8 8 * 3 = 24 yes") +
               kAnswer)
            .false_yes);
}

TEST_CASE("a wrong answer after a true yes counts as a false yes") {
  const std::string thought = "<think> 12 - 4 = 8 8 * 3 = 24 yes </think> ";
  CHECK(report(thought + "<answer> ( 12 - 4 ) + 3 </answer> <eos>").false_yes);
  CHECK(report(thought + "<answer> ( 4 - 12 ) * 3 </answer> <eos>").false_yes);
  CHECK(report(thought + "<answer> ( 12 - 4 ) * 4 </answer> <eos>").false_yes);
  CHECK(report(thought + "<answer> </answer> <eos>").false_yes);
  CHECK(report(thought).false_yes);
  CHECK(!report(thought + "<answer> ( 12 - 4 ) * 3 </answer>").false_yes);
}

TEST_CASE("the reversed form of an answer is read") {
  const std::string thought = "<think> 3 - 1 = 2 12 - 2 = 10 yes </think> ";
  CHECK(!read_trace(thought + "<answer> 12 - ( 3 - 1 ) </answer>", {3, 1, 12}, 10).false_yes);
  CHECK(read_trace(thought + "<answer> ( 3 - 1 ) - 12 </answer>", {3, 1, 12}, 10).false_yes);
}

TEST_CASE("hostile texts have a report") {
  std::string text = "<think>";
  for (int i = 0; i < 200'000; ++i) text += " yes";
  CHECK(report(text).false_yes);
  CHECK(report("<think> 999999999999999999999 * 2 = 1 1 * 1 = 24 yes").false_yes);
  CHECK(report("</think> <think> </answer> <answer>").mode == TraceReport::give_up);
  CHECK(report("<answer> ( ( ( ( ( ( ( </answer> yes").mode == TraceReport::found);
}
