#include "tests/rewards/math/cases.h"

// Pairs that are easily taken for equal, or for different.

namespace reckon::rewards::math {

TEST_CASE("an inequality equals the membership that says the same of its symbol") {
  CHECK(grade_answer("x\\in[-2,7]", "-2\\le x\\le7").score == 1.0);
  CHECK(grade_answer("x \\in (3,\\infty)", "x>3").score == 1.0);
  CHECK(grade_answer("y \\in (3,\\infty)", "x>3").score == 0.0);
  CHECK(grade_answer("x \\in [3,\\infty)", "x>3").score == 0.0);
}

TEST_CASE("a box without braces holds the whole number behind it") {
  CHECK(grade_completion("so \\boxed 57", "57").score == 1.0);
  CHECK(grade_completion("so \\boxed 57", "5").score == 0.0);
}

TEST_CASE("letters without a vowel are a product, and large powers of products compare") {
  check_cases({
      {"(xyz)^{30}", "x^{30}y^{30}z^{30}", true},
      {"(xyz)^{30}", "x^{30}y^{30}z^{29}", false},
      {"(xyz)^{20}", "x^{20}y^{20}z^{20}", true},
      {"(abcdfghkmn)^2", "a^2b^2c^2d^2f^2g^2h^2k^2m^2n^2", true},
      {"(abcdfghkmn)^2", "a^2b^2c^2d^2f^2g^2h^2k^2m^2", false},
      {"5+xyz", "zyx+5", true},
      {"\\text{5+xyz}", "\\text{5+zyx}", false},
      {"2xyz", "2xzy", true},
      {"cat", "act", false},
      {"\\text{xyz}", "\\text{zyx}", false},
  });
}

TEST_CASE("points far from zero and whole ones tell corners and steps apart") {
  check_cases({
      {"|x+1000|", "x+1000", false},
      {"1000-x", "\\sqrt{(x-1000)^2}", false},
      {"\\max(x,1000)", "1000", false},
      {"1000000-x", "|x-1000000|", false},
      {"\\lceil x\\rceil", "\\lfloor x\\rfloor+1", false},
      {"\\lceil x\\rceil", "-\\lfloor -x\\rfloor", true},
      {"|x-1000|", "|1000-x|", true},
      {"2^{x+1}", "2\\cdot 2^x", true},
      {"x^x", "e^{x\\ln x}", true},
      {"\\sin(2x)", "2\\sin x\\cos x", true},
      {"\\cosh(x)", "\\frac{e^x+e^{-x}}{2}", true},
      {"n(n-1)!", "n!", true},
  });
}

TEST_CASE("a difference below all digits is seen where the rest cancels") {
  check_cases({
      {"5", "5+e^{-10000}", false},
      {"5", "2+3+e^{-10000}", false},
      {"5+e^{-10000}", "5", false},
      {"5+e^{-10000}", "e^{-10000}+5", true},
      {"5+e^{-10000}", "5+e^{-10001}", false},
      {"\\pi", "\\pi+10^{-2000}", false},
      {"\\pi", "\\pi-10^{-2000}", false},
      {"x", "x+e^{-5000}", false},
      {"\\sqrt{x}", "\\sqrt{x}+e^{-5000}", false},
      {"|x|", "\\sqrt{x^2}+2-2", true},
      {"2+\\sqrt{-x}\\sqrt{-y}", "2+\\sqrt{xy}", true},
  });
}

TEST_CASE("marks around an answer say nothing") {
  check_cases({
      {"\\frac{4}{11}", ".\\overline{36}", true},
      {"\\frac{4}{11}", ".\\overline{37}", false},
      {"7:30", "7{:}30", true},
      {"42", "\\text{\\$}42", true},
      {"\\$1,000.99", "\\text{\\$}1000.99", true},
      {"42", "\\text{\\$}43", false},
      {"7:30", "7{:}31", false},
      {"5", "=5", true},
      {"5", "= 5", true},
      {"5", "&=5", true},
      {"5", "\\therefore 5", true},
      {"5", "\\therefore x=5", true},
      {"5", "x:=5", true},
      {"5", ":=5", true},
      {"5", "5\\\\", true},
      {"5", "5;", true},
      {"5", "5:", true},
      {"5", "\"5\"", true},
      {"\\frac12", "\"\\frac12\"", true},
      {"(1,2)", "=(1,2);", true},
      {"5", "=>5", false},
      {"5", "=6", false},
  });
}

TEST_CASE("words that change a number are no units") {
  for (const std::string word :
       {"dozen",    "dozens",   "tenths",      "fifths",    "sixteenths", "halves",
        "thirds",   "quarters", "hundredths",  "hundred",   "thousands",  "million",
        "millions", "billion",  "factorial",   "squared",   "cubed",      "R3",
        "r3",       "R 3",      "remainder 3", "less than", "or more",    "negative",
        "ppm",      "permille", "repeating",   "score",     "gross",      "double",
        "th",       "root",     "reciprocal"}) {
    CAPTURE(word);
    CHECK(grade_answer("7\\text{ " + word + "}", "7").score == 0.0);
    CHECK(grade_answer("7 " + word, "7").score == 0.0);
    CHECK(grade_answer("7 \\text{" + word + "}", "7").score == 0.0);
  }
  for (const std::string word : {"apples", "right triangles", "square units", "units^2", "cm^2",
                                 "times", "squares", "cubes", "roots", "ways", "square feet"}) {
    CAPTURE(word);
    CHECK(grade_answer("7\\text{ " + word + "}", "7").score == 1.0);
  }
  check_cases({{"7\\text{ million}", "7\\text{ million}", true},
               {"7\\text{ dozen}", "7\\text{ dozen}", true},
               {"7\\text{ dozen}", "7", false}});
}

TEST_CASE("points of mixed signs and sizes tell functions apart") {
  check_cases({
      {"|x|+|y|", "|x+y|", false},
      {"|x|+|y|", "|x-y|", false},
      {"|x|+|y|", "\\max(|x+y|,|x-y|)", true},
      {"|x|+|y|+|z|", "|x+y|+|z|", false},
      {"|a|+|b|+|c|+|d|+|f|", "|a|+|b|+|c|+|d+f|", false},
      {"|x|", "\\sqrt{x^2}", true},
      {"xy", "\\sqrt{x^2y^2}", false},
      {"|xy|", "\\sqrt{x^2y^2}", true},
      {"\\max(x,y)", "x", false},
      {"\\max(x,y)", "y", false},
      {"\\max(x,y)", "\\frac{x+y+|x-y|}{2}", true},
      {"\\min(x,y)", "-\\max(-x,-y)", true},
      {"\\max(x,y,z)", "\\max(x,y)", false},
      {"\\max(x,y,z)", "\\max(x,z)", false},
      {"\\lfloor x\\rfloor+\\lfloor y\\rfloor", "\\lfloor x+y\\rfloor", false},
      {"\\sqrt{xy}", "\\sqrt{x}\\sqrt{y}", true},
      {"\\ln(xy)", "\\ln x+\\ln y", true},
      {"\\max(\\sqrt{x},y)", "\\max(y,\\sqrt{x})", true},
      {"\\max(\\sqrt{x},y)", "\\frac{\\sqrt{x}+y+|y-\\sqrt{x}|}{2}", true},
      {"|x|+|y|=1", "|x+y|=1", false},
      {"|x|+|y|=1", "2|y|+2|x|=2", true},
      {"\\ln x+\\ln y=1", "\\ln(xy)=1", true},
  });
}

TEST_CASE("series and integrals to infinity equal themselves") {
  check_cases({
      {"\\sum_{k=1}^\\infty \\frac{1}{k^2}", "\\sum_{k=1}^{\\infty}\\frac{1}{k^2}", true},
      {"\\sum_{k=1}^\\infty \\frac{1}{k^2}", "\\sum_{k=1}^{\\infty}\\frac{1}{k^3}", false},
      {"\\int_0^\\infty e^{-x}dx", "\\int_0^\\infty e^{-x}\\,dx", true},
      {"\\int_0^\\infty e^{-x}dx", "1", false},
  });
}

}  // namespace reckon::rewards::math
