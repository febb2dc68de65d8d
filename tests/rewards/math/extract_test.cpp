#include <doctest/doctest.h>

#include <string>

#include "rewards/math/math.h"

using namespace reckon::rewards;
using namespace reckon::rewards::math;

namespace {

/// The answer, or the name of the reason in angle brackets.
std::string answer(std::string_view text, Style style = Style::boxed,
                   Region region = Region::after_think, bool prefilled = false) {
  MathOptions options;
  options.style = style;
  options.region = region;
  options.think_prefilled = prefilled;
  const Extraction found = extract(text, options);
  if (!found.found) return "<" + std::string(to_string(found.failure)) + ">";
  return std::string(found.text);
}

}  // namespace

TEST_CASE("the last box counts, with balanced braces") {
  CHECK(answer("so \\boxed{1} and \\boxed{\\frac{1}{2}}.") == "\\frac{1}{2}");
  CHECK(answer("\\fbox{7}") == "7");
  CHECK(answer("\\boxed{\\{1, 2\\}}") == "\\{1, 2\\}");
  CHECK(answer("\\boxed{\\left\\{ 1 \\right.}") == "\\left\\{ 1 \\right.");
  CHECK(answer("\\boxed 5") == "5");
  CHECK(answer("\\boxed\\pi") == "\\pi");
  CHECK(answer("\\boxed {12} done") == "12");
  CHECK(answer("\\boxed{\\boxed{3}}") == "3");
}

TEST_CASE("a broken last box is not replaced by an earlier one") {
  CHECK(answer("\\boxed{1} then \\boxed{2") == "<bad_box>");
  CHECK(answer("\\boxed{1} then \\boxed{ }") == "<bad_box>");
  CHECK(answer("\\boxed{1} then \\boxed") == "<bad_box>");
  CHECK(answer("\\boxed{1} then \\boxedly") == "1");
  CHECK(answer("no box, 5") == "<no_answer>");
  CHECK(answer("") == "<no_answer>");
}

TEST_CASE("only what follows the thought counts") {
  CHECK(answer("<think>\\boxed{1}</think> \\boxed{2}") == "2");
  CHECK(answer("<think>\\boxed{1}</think> 2") == "<no_answer>");
  CHECK(answer("<think>\\boxed{1}") == "<no_region>");
  CHECK(answer("a</think>\\boxed{1}<think>\\boxed{2}") == "<no_region>");
  CHECK(answer("\\boxed{1}", Style::boxed, Region::after_think, true) == "<no_region>");
  CHECK(answer("x</think>\\boxed{1}", Style::boxed, Region::after_think, true) == "1");
  CHECK(answer("<think>\\boxed{1}", Style::boxed, Region::whole) == "1");
}

TEST_CASE("an answer tag must be the only one") {
  const auto tag = [](std::string_view text) {
    return answer(text, Style::tag, Region::answer_tag);
  };
  CHECK(tag("<think>a</think><answer> 5 </answer>") == "5");
  CHECK(tag("<answer>\\boxed{5}</answer>") == "5");
  CHECK(tag("<answer>5</answer><answer>6</answer>") == "<no_region>");
  CHECK(tag("<answer>5") == "<no_region>");
  CHECK(tag("</answer>5<answer>") == "<no_region>");
  CHECK(tag("<think><answer>5</answer></think>") == "<no_region>");
  CHECK(tag("<answer> </answer>") == "<no_answer>");
  CHECK(tag("<answer>\\boxed{5</answer>") == "<bad_box>");
}

TEST_CASE("the line styles read to the end of their line") {
  CHECK(answer("#### 1\nwork\n#### 18 \nmore", Style::hash) == "18");
  CHECK(answer("18", Style::hash) == "<no_answer>");
  CHECK(answer("Answer: 1\nx\n  answer: 2 \nend", Style::line) == "2");
  CHECK(answer("**Answer:** 7", Style::line) == "7");
  CHECK(answer("The Answer: 1", Style::line) == "<no_answer>");
}

TEST_CASE("the lenient style goes from a box to the last number") {
  CHECK(answer("is \\boxed{1}, 2", Style::lenient) == "1");
  CHECK(answer("The final answer is $5$. I hope", Style::lenient) == "$5$");
  CHECK(answer("so $x=3$ and 4", Style::lenient) == "x=3");
  CHECK(answer("first 3, then -4.5 apples", Style::lenient) == "-4.5");
  CHECK(answer("nothing", Style::lenient) == "<no_answer>");
}
