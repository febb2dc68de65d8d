#pragma once

// The arithmetic of Calcium. Only the .cpp files of this folder include this.

#include "rewards/math/evaluate_exact.h"

namespace reckon::rewards::math {

/// Complex numbers as Calcium represents them; a domain of `Walk`.
class ExactDomain {
 public:
  using Value = Exact;
  using Result = std::optional<Exact>;
  Fault fault = Fault::none;

  ExactDomain(ExactContext& context, const RationalPoint& point)
      : context_(context), point_(point) {}

  Result number(const Number& number);
  Result integer(const fmpz* value);
  Result constant(Constant name);
  Result symbol(std::string_view name);
  Result add(Exact a, const Exact& b);
  Result multiply(Exact a, const Exact& b);
  Result divide(Exact a, const Exact& b);
  Result negate(Exact a);
  Result power_integer(const Exact& a, const fmpz* exponent);
  Result power_fraction(const Exact& a, const fmpq* exponent);
  Result power(const Exact& a, const Exact& exponent);
  Result root(const Exact& a, unsigned index);
  Result function(Function name, const std::vector<Exact>& values, bool natural_log);
  Result factorial(const Exact&) { return fail(Fault::unsupported); }

 private:
  Result fail(Fault why) {
    fault = why;
    return std::nullopt;
  }
  /// A value that may have turned out to be no number.
  Result checked(Exact value);
  Result of_fraction(const fmpq* value);
  Result logarithm(const Exact& x);
  Result quotient(const Result& above, const Result& below);
  Result trigonometric(Function name, const Exact& x);
  Result inverse_trigonometric(Function name, const Exact& x);
  Result hyperbolic(Function name, const Exact& x);
  Result part(Function name, const Exact& x);

  ExactContext& context_;
  const RationalPoint& point_;
};

}  // namespace reckon::rewards::math
