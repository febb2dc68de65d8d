#include "rewards/rational.h"

#include <doctest/doctest.h>

#include <limits>

using namespace reckon::rewards;

namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

Rational fraction(int64_t over, int64_t under) {
  return *Rational::divide(Rational(over), Rational(under));
}

}  // namespace

TEST_CASE("fractions are in lowest terms with a positive denominator") {
  CHECK(fraction(6, 4).text() == "3/2");
  CHECK(fraction(6, -4).text() == "-3/2");
  CHECK(fraction(-6, -3).text() == "2");
  CHECK(fraction(0, -5) == Rational(0));
}

TEST_CASE("arithmetic is exact") {
  CHECK(Rational::add(fraction(1, 6), fraction(1, 3)) == fraction(1, 2));
  CHECK(Rational::subtract(fraction(1, 6), fraction(1, 3)) == fraction(-1, 6));
  CHECK(Rational::multiply(fraction(2, 3), fraction(3, 4)) == fraction(1, 2));
  CHECK(Rational::divide(fraction(2, 3), fraction(-4, 3)) == fraction(-1, 2));
  CHECK(Rational::add(fraction(1, kMost), fraction(1, kMost)) == fraction(2, kMost));
}

TEST_CASE("a result that does not fit is nothing") {
  CHECK(!Rational::add(Rational(kMost), Rational(1)));
  CHECK(!Rational::subtract(Rational(-kMost), Rational(1)));
  CHECK(!Rational::multiply(Rational(kMost), Rational(2)));
  CHECK(!Rational::multiply(fraction(1, kMost), fraction(1, 2)));
  CHECK(!Rational::add(fraction(1, kMost), fraction(1, kMost - 1)));
  CHECK(!Rational::divide(fraction(1, kMost), Rational(3)));
  CHECK(Rational::divide(Rational(1), Rational(-kMost))->numerator() == -1);
}
