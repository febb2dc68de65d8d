#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace reckon::rewards {

/// An exact fraction in lowest terms with a positive denominator; both parts are between -(2^63 -
/// 1) and 2^63 - 1.
class Rational {
 public:
  explicit Rational(int64_t value = 0) : numerator_(value) {}

  int64_t numerator() const { return numerator_; }
  int64_t denominator() const { return denominator_; }

  /// "3" or "7/2".
  std::string text() const;

  bool operator==(const Rational&) const = default;

  // The result, or nothing where it does not fit, even if only on the way.
  static std::optional<Rational> add(const Rational& a, const Rational& b);
  static std::optional<Rational> subtract(const Rational& a, const Rational& b);
  static std::optional<Rational> multiply(const Rational& a, const Rational& b);
  /// `b` must not be 0.
  static std::optional<Rational> divide(const Rational& a, const Rational& b);

 private:
  /// Lowest terms of a fraction; nothing if a part is -2^63, whose sign cannot be turned.
  static std::optional<Rational> reduced(int64_t numerator, int64_t denominator);

  int64_t numerator_;
  int64_t denominator_ = 1;
};

}  // namespace reckon::rewards
