#include "tests/rewards/math/cases.h"

// Every guard of the evaluator, just below its limit and just above it.

namespace reckon::rewards::math {
namespace {

bool guarded(std::string_view answer) { return reason_of("5", answer) == Reason::guard; }

}  // namespace

TEST_CASE("integer powers stop at 131072 bits of the result, towers from the bottom up") {
  CHECK_FALSE(guarded("2^{131072}"));
  CHECK(guarded("2^{131073}"));
  CHECK_FALSE(guarded("2^{2^{17}}"));
  CHECK(guarded("2^{2^{18}}"));
  CHECK(guarded("2^{-131073}"));
  CHECK_FALSE(guarded("(1/2)^{131072}"));
  CHECK(guarded("(1/2)^{131073}"));
  CHECK_FALSE(guarded("1^{10^{900}}"));
  CHECK_FALSE(guarded("0^{10^{900}}"));
  CHECK(guarded("2^{2^{2^{2^{2^{2}}}}}"));
  CHECK(guarded("e^{10^{6}}"));
}

TEST_CASE("powers of symbols stop at the exponent 1000") {
  CHECK(reason_of("x", "x^{1000}") == Reason::different);
  CHECK(reason_of("x", "x^{1001}") == Reason::guard);
}

TEST_CASE("factorials and binomials stop at 10000") {
  CHECK_FALSE(guarded("10000!"));
  CHECK(guarded("10001!"));
  CHECK_FALSE(guarded("(7!)!"));
  CHECK(guarded("(8!)!"));
  CHECK_FALSE(guarded("\\binom{10000}{2}"));
  CHECK(guarded("\\binom{10001}{2}"));
}

TEST_CASE("sums stop at 10000 terms and 100000 nodes") {
  CHECK_FALSE(guarded("\\sum_{k=1}^{10000} k"));
  CHECK(guarded("\\sum_{k=1}^{10001} k"));
  CHECK_FALSE(guarded("\\sum_{i=1}^{100}\\sum_{j=1}^{100} i j"));
  CHECK(guarded("\\sum_{i=1}^{100}\\sum_{j=1}^{100}\\sum_{k=1}^{100} i j k"));
  CHECK(reason_of("50005000", "\\sum_{k=1}^{10000} k") == Reason::equal_exact);
}

TEST_CASE("numbers with exponents are not written out") {
  CHECK_FALSE(guarded("1e1000"));
  CHECK(guarded("1e1001"));
  CHECK(guarded("1e-1001"));
}

TEST_CASE("polynomials that are too large are compared at points") {
  CHECK(reason_of("(a+b)^{64}", "(b+a)^{32}(a+b)^{32}") == Reason::equal_exact);
  CHECK(reason_of("(a+b)^{66}", "(b+a)^{33}(a+b)^{33}") == Reason::equal_numeric);
  CHECK(reason_of("(a+b)^{66}", "(b+a)^{33}(a+2b)^{33}") == Reason::different);
  CHECK(reason_of("(a+b+c+d+f+g+h+k)^{20}", "((a+b+c+d+f+g+h+k)^{10})^2") == Reason::equal_numeric);
  CHECK(reason_of("(a+b+c+d+f+g+h+k+m)^{2}", "(m+a+b+c+d+f+g+h+k)(a+b+c+d+f+g+h+k+m)") ==
        Reason::equal_numeric);
}

TEST_CASE("a guard in the gold is a fault of the data") {
  CHECK(reason_of("2^{131073}", "5") == Reason::gold_unreadable);
  CHECK(reason_of("2^{131073}", "2^{131073}") == Reason::equal_identical);
  CHECK_FALSE(grade_answer("5", "2^{131073}").score.has_value());
}

}  // namespace reckon::rewards::math
