#include "tests/rewards/math/cases.h"

// What went wrong in other graders, and every reason that this one gives.

namespace reckon::rewards::math {

TEST_CASE("answers that other graders accept wrongly are different") {
  check_cases({
      {"\\frac{1}{2004!}", "\\frac{1}{2006!}", false},
      {"2^{-99}", "2^{-98}", false},
      {".0000672", ".0000673", false},
      {"1-\\frac1e", "1+\\frac1e", false},
      {"1,2,\\ldots,n", "1,3,5,\\ldots,2n-1", false},
      {"4", "4\\sqrt(2)", false},
      {"y=2x+1", "y=3x-4", false},
      {"2x+3y=5", "3x-y=7", false},
      {"28", "2800", false},
      {"28", "0.28", false},
      {"3.14", "3.1415", false},
      {"1000", "1000.05", false},
      {"1", "1.0005", false},
      {"e^\\pi", "\\pi^e", false},
  });
}

TEST_CASE("answers that other graders refuse wrongly are equal") {
  check_cases({
      {"73", "**73**", true},
      {"13", "\\text{13}", true},
      {"0,1", "0, 1", true},
      {"\\frac12", "\\frac{50}{100}", true},
      {"\\frac{1}{2004!}", "\\frac{2005}{2005!}", true},
  });
  CHECK(grade_completion("first \\boxed{840}, then \\boxed{840}", "840").score == 1.0);
}

TEST_CASE("equalities that need proof are found") {
  check_cases({
      {"\\sqrt{5+2\\sqrt6}", "\\sqrt2+\\sqrt3", true},
      {"\\sqrt2\\sqrt3", "\\sqrt6", true},
      {"2", "\\frac{\\log 4}{\\log 2}", true},
      {"\\log 6", "\\log 2+\\log 3", true},
      {"\\frac{\\sqrt6-\\sqrt2}{4}", "\\sin\\frac{\\pi}{12}", true},
      {"1", "\\sqrt[3]{2+\\sqrt5}-\\sqrt[3]{\\sqrt5-2}", true},
      {"2", "\\left(\\sqrt2^{\\sqrt2}\\right)^{\\sqrt2}", true},
      {"\\frac{\\pi}{4}", "\\arctan\\frac12+\\arctan\\frac13", true},
      {"1", "\\sin^2 1+\\cos^2 1", true},
      {"\\frac18", "\\cos20^\\circ\\cos40^\\circ\\cos80^\\circ", true},
      {"\\frac12", "\\cos\\frac{\\pi}{7}-\\cos\\frac{2\\pi}{7}+\\cos\\frac{3\\pi}{7}", true},
      {"\\frac12", "\\cos\\frac{\\pi}{7}-\\cos\\frac{2\\pi}{7}+\\cos\\frac{3\\pi}{8}", false},
  });
}

TEST_CASE("every reason of the mathematical grader comes up") {
  CHECK(reason_of("5", "5") == Reason::equal_identical);
  CHECK(reason_of("\\sqrt8", "2\\sqrt2") == Reason::equal_exact);
  CHECK(reason_of("\\sin(2x)", "2\\sin x\\cos x") == Reason::equal_numeric);
  CHECK(reason_of("\\text{Evelyn}", "Evelyn") == Reason::equal_text);
  CHECK(reason_of("5", "6") == Reason::different);
  CHECK(reason_of("5", "   ") == Reason::no_answer);
  CHECK(reason_of("5", "\\frac123") == Reason::unreadable);
  CHECK(reason_of("5", "1/0") == Reason::unreadable);
  CHECK(reason_of("5", "9^{9^{9^9}}") == Reason::guard);
  CHECK(reason_of("5", "5\\%") == Reason::percent_mismatch);
  CHECK(reason_of("5\\text{ cm}", "5\\text{ m}") == Reason::unit_mismatch);
  MathOptions options;
  options.equality.require_evaluated = true;
  CHECK(reason_of("5", "2+3", options) == Reason::not_evaluated);
  CHECK(grade_completion("<think> \\boxed{5}", "5").reason == Reason::no_region);
  CHECK(grade_completion("five", "5").reason == Reason::no_answer);
  CHECK(grade_completion("\\boxed{5", "5").reason == Reason::bad_box);
}

TEST_CASE("what neither way can be shown is undecided") {
  // No time at all: the first step that looks at the clock gives up.
  const auto gold = read_answer("\\sqrt8").readings;
  const auto answer = read_answer("2\\sqrt2").readings;
  CHECK(decide(gold, answer, {}, -1).reason == Reason::undecided);
  CHECK(decide(gold, answer, {}, -1).score == 0.0);
}

TEST_CASE("an unreadable gold gives no score, whatever the answer is") {
  for (const std::string_view gold : {"\\frac123", "", "1/0", "9^{9^{9^9}}+1"}) {
    for (const std::string_view answer : {"5", "", "\\frac123"}) {
      const Verdict verdict = grade_answer(answer, gold);
      INFO(std::string(gold) << " " << std::string(answer));
      if (gold == "1/0" || gold.starts_with("9")) {
        CHECK(verdict.score != 1.0);
      } else {
        CHECK_FALSE(verdict.score.has_value());
        CHECK(verdict.reason == Reason::gold_unreadable);
      }
    }
  }
  CHECK(reason_of("9^{9^{9^9}}", "5") == Reason::gold_unreadable);
  CHECK(reason_of("1/0", "5") == Reason::gold_unreadable);
  CHECK(grade_completion("no box", "\\frac123").reason == Reason::gold_unreadable);
}

TEST_CASE("a tower equals itself without being computed") {
  CHECK(reason_of("2^{100000000}", "2^{100000000}") == Reason::equal_identical);
}

TEST_CASE("a gold may hold a box or stand behind hashes") {
  CHECK(grade_completion("\\boxed{5}", "so the answer is \\boxed{5}.").score == 1.0);
  CHECK(grade_completion("\\boxed{5}", "2+3=5\n#### 5").score == 1.0);
  CHECK(grade_answer("6", "so the answer is \\boxed{5}.").score == 0.0);
}

TEST_CASE("the verdict carries both texts") {
  const Verdict verdict = grade_completion("I say \\boxed{ \\frac24 }", " 1/2 ");
  CHECK(verdict.score == 1.0);
  CHECK(verdict.extracted == "\\frac24");
  CHECK(verdict.gold == "1/2");
}

}  // namespace reckon::rewards::math
