#include "rewards/math/evaluate_ball.h"

#include <algorithm>

#include "rewards/math/ball_domain.h"

namespace reckon::rewards::math {

BallValue ball_value(const Term& term, slong precision, const Clock& clock,
                     const SymbolValues& symbols) {
  BallDomain domain(precision, symbols);
  BallValue result;
  result.value = Walk<BallDomain>(domain, term, clock).value();
  if (!result.value) result.fault = domain.fault;
  result.magnitude = domain.magnitude();
  result.real = domain.real();
  return result;
}

BallDomain::Result BallDomain::met(Ball value) {
  real_ = real_ && acb_is_real(value.get());
  if (acb_is_finite(value.get())) {
    mag_t size;
    mag_init(size);
    acb_get_mag(size, value.get());
    const fmpz* exponent = MAG_EXPREF(size);
    if (!mag_is_zero(size) && fmpz_fits_si(exponent)) {
      magnitude_ = std::max(magnitude_, fmpz_get_si(exponent));
    }
    mag_clear(size);
  }
  return value;
}

BallDomain::Result BallDomain::number(const Number& number) {
  RationalDomain exact;
  const std::optional<Fraction> value = exact.number(number);
  if (!value) return fail(exact.fault);
  Ball result;
  acb_set_fmpq(result.get(), value->get(), precision_);
  return met(std::move(result));
}

BallDomain::Result BallDomain::integer(const fmpz* value) {
  Ball result;
  acb_set_round_fmpz(result.get(), value, precision_);
  return met(std::move(result));
}

BallDomain::Result BallDomain::constant(Constant name) {
  Ball result;
  switch (name) {
    case Constant::pi:
      acb_const_pi(result.get(), precision_);
      break;
    case Constant::e:
      arb_const_e(acb_realref(result.get()), precision_);
      break;
    case Constant::i:
      acb_onei(result.get());
      break;
    case Constant::infinity:
      return fail(Fault::undefined);
  }
  return met(std::move(result));
}

BallDomain::Result BallDomain::symbol(std::string_view name) {
  Result value = symbols_ ? symbols_(name, precision_) : std::nullopt;
  return value ? met(std::move(*value)) : fail(Fault::unsupported);
}

BallDomain::Result BallDomain::add(Ball a, const Ball& b) {
  acb_add(a.get(), a.get(), b.get(), precision_);
  return met(std::move(a));
}

BallDomain::Result BallDomain::multiply(Ball a, const Ball& b) {
  acb_mul(a.get(), a.get(), b.get(), precision_);
  return met(std::move(a));
}

BallDomain::Result BallDomain::divide(Ball a, const Ball& b) {
  if (acb_is_zero(b.get())) return fail(Fault::undefined);
  acb_div(a.get(), a.get(), b.get(), precision_);
  return met(std::move(a));
}

BallDomain::Result BallDomain::negate(Ball a) {
  acb_neg(a.get(), a.get());
  return a;
}

BallDomain::Result BallDomain::power_integer(const Ball& a, const fmpz* exponent) {
  if (acb_is_zero(a.get()) && fmpz_sgn(exponent) <= 0) return fail(Fault::undefined);
  Ball result;
  acb_pow_fmpz(result.get(), a.get(), exponent, precision_);
  return met(std::move(result));
}

BallDomain::Result BallDomain::power_fraction(const Ball& a, const fmpq* exponent) {
  Ball result;
  if (acb_is_zero(a.get())) {
    if (fmpq_sgn(exponent) <= 0) return fail(Fault::undefined);
    return result;
  }
  const bool odd = fmpz_is_odd(fmpq_denref(exponent)) != 0;
  const bool flat = arb_is_zero(acb_imagref(a.get())) != 0;
  if (odd && flat && arb_is_negative(acb_realref(a.get()))) {
    // The real root of a negative number, rule 31: (-|a|)^(p/q) = (-1)^p |a|^(p/q).
    arb_t size;
    arb_init(size);
    arb_neg(size, acb_realref(a.get()));
    arb_pow_fmpq(acb_realref(result.get()), size, exponent, precision_);
    arb_clear(size);
    if (fmpz_is_odd(fmpq_numref(exponent))) acb_neg(result.get(), result.get());
    return met(std::move(result));
  }
  const bool maybe_negative =
      odd && arb_contains_zero(acb_imagref(a.get())) && !arb_is_positive(acb_realref(a.get()));
  if (maybe_negative) {
    // Which branch is meant cannot be seen at this precision.
    acb_indeterminate(result.get());
    return result;
  }
  Ball power;
  acb_set_fmpq(power.get(), exponent, precision_);
  acb_pow(result.get(), a.get(), power.get(), precision_);
  return met(std::move(result));
}

BallDomain::Result BallDomain::power(const Ball& a, const Ball& exponent) {
  if (acb_is_zero(a.get())) return fail(Fault::undefined);
  Ball result;
  acb_pow(result.get(), a.get(), exponent.get(), precision_);
  return met(std::move(result));
}

BallDomain::Result BallDomain::root(const Ball& a, unsigned index) {
  if (index == 0 || index > 64) return fail(Fault::unsupported);
  if (index == 2) {
    Ball result;
    acb_sqrt(result.get(), a.get(), precision_);
    return met(std::move(result));
  }
  Fraction exponent;
  fmpq_set_si(exponent.get(), 1, index);
  return power_fraction(a, exponent.get());
}

BallDomain::Result BallDomain::factorial(const Ball& a) {
  // Points of symbols are small; others were counted out.
  Ball result;
  acb_add_ui(result.get(), a.get(), 1, precision_);
  if (acb_rel_accuracy_bits(result.get()) < 10 || magnitude_ > 64) {
    acb_indeterminate(result.get());
    return result;
  }
  acb_gamma(result.get(), result.get(), precision_);
  return met(std::move(result));
}

}  // namespace reckon::rewards::math
