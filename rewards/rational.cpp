#include "rewards/rational.h"

#include <fmt/format.h>

#include <limits>
#include <numeric>

namespace reckon::rewards {

std::string Rational::text() const {
  return denominator_ == 1 ? fmt::format("{}", numerator_)
                           : fmt::format("{}/{}", numerator_, denominator_);
}

std::optional<Rational> Rational::reduced(int64_t numerator, int64_t denominator) {
  constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
  if (numerator == kLowest || denominator == kLowest) return std::nullopt;
  const int64_t divisor = std::gcd(numerator, denominator);
  Rational result(numerator / divisor);
  result.denominator_ = denominator / divisor;
  if (result.denominator_ < 0) {
    result.numerator_ = -result.numerator_;
    result.denominator_ = -result.denominator_;
  }
  return result;
}

std::optional<Rational> Rational::add(const Rational& a, const Rational& b) {
  // Over the least common denominator, so that few sums leave the range.
  const int64_t divisor = std::gcd(a.denominator_, b.denominator_);
  int64_t left = 0;
  int64_t right = 0;
  int64_t sum = 0;
  int64_t denominator = 0;
  if (__builtin_mul_overflow(a.numerator_, b.denominator_ / divisor, &left) ||
      __builtin_mul_overflow(b.numerator_, a.denominator_ / divisor, &right) ||
      __builtin_add_overflow(left, right, &sum) ||
      __builtin_mul_overflow(a.denominator_ / divisor, b.denominator_, &denominator)) {
    return std::nullopt;
  }
  return reduced(sum, denominator);
}

std::optional<Rational> Rational::subtract(const Rational& a, const Rational& b) {
  Rational negated = b;
  negated.numerator_ = -negated.numerator_;
  return add(a, negated);
}

std::optional<Rational> Rational::multiply(const Rational& a, const Rational& b) {
  int64_t numerator = 0;
  int64_t denominator = 0;
  if (__builtin_mul_overflow(a.numerator_, b.numerator_, &numerator) ||
      __builtin_mul_overflow(a.denominator_, b.denominator_, &denominator)) {
    return std::nullopt;
  }
  return reduced(numerator, denominator);
}

std::optional<Rational> Rational::divide(const Rational& a, const Rational& b) {
  const std::optional<Rational> inverse = reduced(b.denominator_, b.numerator_);
  return inverse ? multiply(a, *inverse) : std::nullopt;
}

}  // namespace reckon::rewards
