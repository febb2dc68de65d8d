#include "tests/rewards/math/cases.h"

// One case or more for every row of the table of equality in docs/rewards.md, in both directions.

namespace reckon::rewards::math {

TEST_CASE("a decimal is the exact rational it spells, and no tolerance is absolute") {
  check_cases({
      {"1/3", "0.333333", false},
      {"\\frac13", "0.33333333333333333333", false},
      {"0.25", "1/4", true},
      {"1/4", "0.25", true},
      {"0.0000672", "0.0000673", false},
      {"2^{-99}", "2^{-98}", false},
      {"2^{-99}", "\\frac{1}{2^{99}}", true},
  });
}

TEST_CASE("a rounded gold takes what rounds to it, if that is no terminating decimal") {
  check_cases({
      {"3.14", "\\pi", true},
      {"\\pi", "3.14", false},
      {"0.33", "1/3", true},
      {"0.33", "0.333", false},
      {"0.34", "1/3", false},
      {"0.5", "27/50", false},
      {"0.3", "1/3", false},
      {"-0.67", "-2/3", true},
      {"-0.67", "2/3", false},
      {"1.41", "\\sqrt2", true},
      {"1.42", "\\sqrt2", false},
      {"0.50", "\\sqrt{0.249001}", false},
  });
  MathOptions exact;
  exact.equality.exact_decimals = true;
  check_cases({{"3.14", "\\pi", false}, {"0.33", "1/3", false}, {"0.5", "1/2", true}}, exact);
}

TEST_CASE("percent counts only where the gold shows it, and never scales") {
  check_cases({
      {"28\\%", "28", true},
      {"28\\%", "28 percent", true},
      {"28\\%", "0.28", false},
      {"0.28", "28\\%", false},
      {"28", "28\\%", false},
      {"28", "2800", false},
      {"28", "0.28", false},
  });
  CHECK(reason_of("28", "28\\%") == Reason::percent_mismatch);
}

TEST_CASE("unreduced and unsimplified forms are equal") {
  check_cases({
      {"1/2", "2/4", true},
      {"2/4", "1/2", true},
      {"2\\sqrt2", "\\sqrt8", true},
      {"\\sqrt7", "7/\\sqrt7", true},
      {"1024", "2^{10}", true},
      {"2^{10}", "1024", true},
      {"4", "4\\sqrt{2}", false},
  });
}

TEST_CASE("an answer that restates the task is refused where the option says so") {
  check_cases({{"391", "17\\cdot 23", true}});
  MathOptions options;
  options.equality.require_evaluated = true;
  check_cases({{"391", "17\\cdot 23", false},
               {"391", "391", true},
               {"-3", "-3", true},
               {"0.5", "1/2", true},
               {"120", "5!", false},
               {"2\\sqrt3", "\\sqrt{12}", true}},
              options);
  CHECK(reason_of("391", "17\\cdot 23", options) == Reason::not_evaluated);
  CHECK(reason_of("5", "2+3", options) == Reason::not_evaluated);
}

TEST_CASE("lists are multisets, tuples are ordered, sets forget doubles") {
  check_cases({
      {"1, 2", "2, 1", true},
      {"1, 2", "1 and 2", true},
      {"1, 2", "x=1 \\text{ or } x=2", true},
      {"x=1 \\text{ or } x=2", "1, 2", true},
      {"1, 2", "1, 2, 2", false},
      {"1, 1, 2", "1, 2, 2", false},
      {"(1,2)", "(1,2)", true},
      {"(1,2)", "(2,1)", false},
      {"\\{1,2\\}", "\\{2,1\\}", true},
      {"\\{1,2\\}", "\\{1,2,2\\}", true},
      {"\\{1,2\\}", "1, 2", true},
      {"1, 2", "\\{1, 2\\}", true},
      {"\\{1,2\\}", "\\{1,3\\}", false},
      {"0.33, 0.333", "1/3, 0.33", true},
      {"0.333, 0.33", "1/3, 0.33", true},
      {"0.33, 0.34", "1/3, 1/3", false},
      {"0.33, 0.333", "0.333, 0.33", true},
      {"0.33, 0.333", "1/3, 0.333", true},
  });
}

TEST_CASE("intervals are open, closed, merged, and a pair may be an open one") {
  check_cases({
      {"(1,2)", "\\left(1,\\frac42\\right)", true},
      {"[1,2]", "[1,2]", true},
      {"[1,2]", "(1,2)", false},
      {"(1,2)", "[1,2]", false},
      {"[0,1)", "[0,1)", true},
      {"[0,1)", "(0,1]", false},
      {"(-\\infty,3]", "(-\\infty,3]", true},
      {"(1,3)", "(1,2]\\cup(2,3)", true},
      {"(1,3)", "(1,2)\\cup(2,3)", false},
      {"(-\\infty,-1)\\cup(1,\\infty)", "(1,\\infty)\\cup(-\\infty,-1)", true},
      {"[0,3]", "[0,2]\\cup[1,3]", true},
      {"(-\\infty,0)\\cup(0,\\infty)", "\\mathbb{R}\\setminus\\{0\\}", true},
      {"\\mathbb{R}", "(-\\infty,\\infty)", true},
      {"(\\sqrt8, 4)", "(2\\sqrt2, 4)", true},
  });
}

TEST_CASE("an inequality takes an interval, an interval takes no inequality") {
  check_cases({
      {"-2\\le x\\le7", "[-2,7]", true},
      {"[-2,7]", "-2\\le x\\le7", false},
      {"-2\\le x\\le7", "(-2,7]", false},
      {"x>3", "(3,\\infty)", true},
      {"x<1 \\text{ or } x>2", "(-\\infty,1)\\cup(2,\\infty)", true},
      {"[-2,7]", "x\\in[-2,7]", true},
      {"x\\in[-2,7]", "[-2,7]", true},
  });
}

TEST_CASE("an equation of one symbol is its right side, and only of one symbol") {
  check_cases({
      {"5", "x=5", true},
      {"x=5", "5", true},
      {"x=5", "x=5", true},
      {"x=5", "5=x", true},
      {"x=5", "y=5", false},
      {"2x+1", "f(x)=2x+1", true},
      {"y=2x+1", "2x+1", true},
      {"1", "2x+z=1", false},
      {"2x+z=1", "1", false},
      {"5", "x = 2+3 = 5", true},
      {"(2,3)", "(x,y)=(2,3)", true},
      {"(2,3)", "(x,y)=(3,2)", false},
  });
}

TEST_CASE("equations and inequalities are equal up to a factor of the right sign") {
  check_cases({
      {"2x+3y=6", "4x+6y=12", true},
      {"2x+3y=6", "6-3y-2x=0", true},
      {"2x+3y=6", "2x+3y=7", false},
      {"y=2x+1", "2x-y+1=0", true},
      {"x^2+y^2=25", "y^2=25-x^2", true},
      {"x<5", "5>x", true},
      {"x<5", "2x<10", true},
      {"x<5", "-x<-5", false},
      {"x<5", "-x>-5", true},
      {"x<5", "x\\le5", false},
      {"1<x\\le2", "2\\ge x>1", true},
      {"1<x\\le2", "1\\le x\\le2", false},
      {"y=\\sqrt{x}", "2y=2\\sqrt{x}", true},
  });
}

TEST_CASE("units, money and degrees stand beside the number") {
  check_cases({
      {"5", "5\\text{ cm}", true},
      {"5\\text{ cm}", "5", true},
      {"5\\text{ cm}", "5\\text{ m}", false},
      {"5\\text{ cm}^2", "5\\text{ square cm}", true},
      {"5\\text{ cm}^2", "5\\text{ cm}", false},
      {"45", "45^\\circ", true},
      {"45^\\circ", "45", true},
      {"45^\\circ", "\\frac{\\pi}{4}", false},
      {"\\frac{\\pi}{4}", "45^\\circ", false},
      {"\\sin 30^\\circ", "\\frac12", true},
      {"\\$1,000.99", "1000.99", true},
      {"1000.99", "\\$1,000.99", true},
  });
  CHECK(reason_of("5\\text{ cm}", "5\\text{ m}") == Reason::unit_mismatch);
}

TEST_CASE("commas in numbers have at most two readings") {
  check_cases({
      {"1,234", "1234", true},
      {"1234", "1,234", true},
      {"1,234", "234, 1", true},
      {"7{,}425", "7425", true},
      {"11,\\!111", "11111", true},
      {"0,1", "01", false},
      {"1,22", "22, 1", true},
      {"1,22", "1.22", false},
  });
  MathOptions options;
  options.read.decimal_comma = true;
  check_cases({{"1.22", "1,22", true}}, options);
}

TEST_CASE("mixed numbers, bases and ratios") {
  check_cases({
      {"1\\frac23", "\\frac53", true},
      {"\\frac53", "1\\frac23", true},
      {"-3\\frac12", "-\\frac72", true},
      {"3 1/2", "3.5", true},
      {"1323_4", "1323_4", true},
      {"1323_4", "1323", true},
      {"1323", "1323_4", false},
      {"1323_4", "1323_5", false},
      {"123", "123_{10}", true},
      {"12:00", "12:00", true},
      {"3:4", "6:8", false},
      {"3:4", "3/4", false},
  });
}

TEST_CASE("several signs move together") {
  check_cases({
      {"\\pm 2", "2, -2", true},
      {"2, -2", "\\pm 2", true},
      {"\\pm 2", "2", false},
      {"x=\\pm 2", "x=2 \\text{ or } x=-2", true},
      {"1\\pm\\sqrt2", "1-\\sqrt2, 1+\\sqrt2", true},
      {"(1\\pm\\sqrt2)\\pm1", "2+\\sqrt2, -\\sqrt2", true},
      {"\\pm1\\mp1", "0, 0", true},
      {"3, \\pm1", "1, 3, -1", true},
  });
}

TEST_CASE("choices and words") {
  check_cases({
      {"C", "(C)", true},
      {"C", "\\text{C}", true},
      {"\\text{(C)}", "C", true},
      {"C", "\\textbf{(C)}", true},
      {"C", "C.", true},
      {"C", "D", false},
      {"C", "C 5", false},
      {"C", "x=C", true},
      {"\\text{Evelyn}", "evelyn", true},
      {"\\text{Evelyn}", "Evelyn.", true},
      {"\\text{Evelyn}", "Eve", false},
      {"\\text{no solution}", "\\emptyset", true},
      {"\\emptyset", "\\{\\}", true},
      {"\\emptyset", "none", true},
      {"\\text{undefined}", "DNE", true},
      {"\\text{undefined}", "none", false},
      {"\\text{even}", "\\text{odd}", false},
  });
}

TEST_CASE("letters keep their case; e and i are constants") {
  check_cases({
      {"2x", "2y", false},
      {"2x", "2X", false},
      {"e", "\\mathrm{e}", true},
      {"e", "2.718281828", false},
      {"e^{i\\pi}", "-1", true},
      {"-1", "e^{i\\pi}", true},
      {"1+2i", "1+2j", true},
      {"1+2j", "1+2i", false},
      {"i+j", "i+j", true},
  });
}

TEST_CASE("odd roots of negatives are real; bases of logarithms; inverse functions") {
  check_cases({
      {"-2", "\\sqrt[3]{-8}", true},
      {"-2", "(-8)^{1/3}", true},
      {"(-8)^{1/3}", "-2", true},
      {"4", "(-8)^{2/3}", true},
      {"-\\sqrt[3]{2}", "\\sqrt[3]{-2}", true},
      {"2", "\\log 100", true},
      {"\\log 8", "3\\log 2", true},
      {"\\ln 8", "3\\ln 2", true},
      {"2", "\\ln 100", false},
      {"3", "\\log_2 8", true},
      {"\\sin^{-1} 1", "\\frac{\\pi}{2}", true},
      {"\\sin^2 x", "(\\sin x)^2", true},
      {"\\sin^{-1} x", "\\frac{1}{\\sin x}", false},
  });
}

TEST_CASE("plain text reads left to right, numbers without braces are whole") {
  check_cases({
      {"x/2", "1/2x", true},
      {"x^{10}", "x^10", true},
      {"2\\sqrt3", "\\sqrt12", true},
      {"1/2", "\\frac12", true},
  });
}

TEST_CASE("domains are not compared, but both signs of a symbol are") {
  check_cases({
      {"x", "x^2/x", true},
      {"x^2/x", "x", true},
      {"x", "\\sqrt{x^2}", false},
      {"|x|", "\\sqrt{x^2}", true},
      {"(x+1)^2", "x^2+2x+1", true},
      {"\\frac{1}{x-1}", "\\frac{x+1}{x^2-1}", true},
      {"\\sqrt2 x+1", "\\frac{2x}{\\sqrt2}+1", true},
      {"\\sqrt2 x+1", "\\frac{2x}{\\sqrt3}+1", false},
      {"2\\sin x\\cos x", "\\sin(2x)", true},
      {"2^x", "4^{x/2}", true},
      {"\\binom{n}{2}", "\\frac{n(n-1)}{2}", true},
      {"x^{1000}", "x^{999}\\cdot x", true},
  });
}

TEST_CASE("matrices, vectors, determinants") {
  check_cases({
      {"\\begin{pmatrix}1\\\\2\\end{pmatrix}", "\\begin{bmatrix}1\\\\4/2\\end{bmatrix}", true},
      {"\\begin{pmatrix}1\\\\2\\end{pmatrix}", "\\begin{pmatrix}1&2\\end{pmatrix}", false},
      {"\\begin{pmatrix}1\\\\2\\end{pmatrix}", "(1,2)", false},
      {"\\langle1,2\\rangle", "(1,2)", true},
      {"-2", "\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}", true},
      {"\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\begin{array}{cc}1&2\\\\3&4\\end{array}",
       true},
  });
}

TEST_CASE("small sums are evaluated; integrals, limits and dots are compared as trees") {
  check_cases({
      {"55", "\\sum_{k=1}^{10} k", true},
      {"120", "\\prod_{k=1}^{5} k", true},
      {"1,2,\\ldots,n", "1,3,5,\\ldots,2n-1", false},
      {"1,2,\\ldots,n", "1,2,\\ldots,n", true},
      {"\\int_0^1 x\\,dx", "\\int_0^1 x\\,dx", true},
      {"\\int_0^1 x\\,dx", "\\frac12", false},
  });
}

TEST_CASE("infinity equals itself and takes part in no arithmetic") {
  check_cases({
      {"\\infty", "\\infty", true},
      {"\\infty", "-\\infty", false},
      {"-\\infty", "-\\infty", true},
      {"\\infty", "5", false},
      {"0", "\\infty-\\infty", false},
  });
  CHECK(reason_of("0", "\\infty-\\infty") == Reason::unreadable);
}

}  // namespace reckon::rewards::math
