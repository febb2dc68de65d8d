#pragma once

// The arithmetic of balls. Only the .cpp files of this folder include this.

#include "rewards/math/evaluate_ball.h"

namespace reckon::rewards::math {

/// Complex numbers as balls of one precision; a domain of `Walk`.
class BallDomain {
 public:
  using Value = Ball;
  using Result = std::optional<Ball>;
  Fault fault = Fault::none;

  BallDomain(slong precision, const SymbolValues& symbols)
      : precision_(precision), symbols_(symbols) {}

  slong magnitude() const { return magnitude_; }
  bool real() const { return real_; }

  Result number(const Number& number);
  Result integer(const fmpz* value);
  Result constant(Constant name);
  Result symbol(std::string_view name);
  Result add(Ball a, const Ball& b);
  Result multiply(Ball a, const Ball& b);
  Result divide(Ball a, const Ball& b);
  Result negate(Ball a);
  Result power_integer(const Ball& a, const fmpz* exponent);
  Result power_fraction(const Ball& a, const fmpq* exponent);
  Result power(const Ball& a, const Ball& exponent);
  Result root(const Ball& a, unsigned index);
  Result function(Function name, const std::vector<Ball>& values, bool natural_log);
  Result factorial(const Ball& a);

 private:
  Result fail(Fault why) {
    fault = why;
    return std::nullopt;
  }
  /// Notes the size of a value on its way out.
  Result met(Ball value);
  std::optional<Ball> trigonometric(Function name, const Ball& x) const;
  std::optional<Ball> inverse_trigonometric(Function name, const Ball& x) const;
  std::optional<Ball> hyperbolic(Function name, const Ball& x) const;
  std::optional<Ball> part(Function name, const Ball& x) const;
  Result extreme(const std::vector<Ball>& values, bool largest);

  slong precision_;
  const SymbolValues& symbols_;
  slong magnitude_ = 0;
  bool real_ = true;
};

}  // namespace reckon::rewards::math
