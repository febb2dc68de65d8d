#pragma once

// The arithmetic of Q. Only the .cpp files of this folder include this.

#include <optional>
#include <string_view>
#include <vector>

#include "rewards/math/handles.h"
#include "rewards/math/tree.h"

namespace reckon::rewards::math {

/// Why a term has no value in a domain.
enum class Fault : uint8_t {
  none,
  unsupported,  ///< the domain lacks the operation
  undefined,    ///< division by zero and the like
  guard,        ///< too large
  late,         ///< the time of the pair is over
};

/// Numbers of Q; a domain of `Walk`.
class RationalDomain {
 public:
  using Value = Fraction;
  using Result = std::optional<Fraction>;
  Fault fault = Fault::none;

  Result number(const Number& number);
  Result integer(const fmpz* value);
  Result constant(Constant) { return fail(Fault::unsupported); }
  Result symbol(std::string_view) { return fail(Fault::unsupported); }
  Result add(Fraction a, const Fraction& b);
  Result multiply(Fraction a, const Fraction& b);
  Result divide(Fraction a, const Fraction& b);
  Result negate(Fraction a);
  Result power_integer(const Fraction& a, const fmpz* exponent);
  Result power_fraction(const Fraction&, const fmpq*) { return fail(Fault::unsupported); }
  Result power(const Fraction&, const Fraction&) { return fail(Fault::unsupported); }
  Result root(const Fraction&, unsigned) { return fail(Fault::unsupported); }
  Result function(Function name, const std::vector<Fraction>& values, bool natural_log);
  Result factorial(const Fraction&) { return fail(Fault::unsupported); }

 private:
  Result fail(Fault why) {
    fault = why;
    return std::nullopt;
  }
};

}  // namespace reckon::rewards::math
