#include "rewards/math/exact_domain.h"

namespace reckon::rewards::math {

ExactDomain::Result ExactDomain::checked(Exact value) {
  if (ca_is_special(value.get(), context_.get())) {
    return fail(ca_is_unknown(value.get(), context_.get()) ? Fault::unsupported : Fault::undefined);
  }
  return value;
}

ExactDomain::Result ExactDomain::of_fraction(const fmpq* value) {
  Exact result(context_);
  ca_set_fmpq(result.get(), value, context_.get());
  return result;
}

ExactDomain::Result ExactDomain::number(const Number& number) {
  RationalDomain exact;
  const std::optional<Fraction> value = exact.number(number);
  return value ? of_fraction(value->get()) : fail(exact.fault);
}

ExactDomain::Result ExactDomain::integer(const fmpz* value) {
  Exact result(context_);
  ca_set_fmpz(result.get(), value, context_.get());
  return result;
}

ExactDomain::Result ExactDomain::constant(Constant name) {
  Exact result(context_);
  switch (name) {
    case Constant::pi:
      ca_pi(result.get(), context_.get());
      break;
    case Constant::e:
      ca_one(result.get(), context_.get());
      ca_exp(result.get(), result.get(), context_.get());
      break;
    case Constant::i:
      ca_i(result.get(), context_.get());
      break;
    case Constant::infinity:
      return fail(Fault::undefined);
  }
  return result;
}

ExactDomain::Result ExactDomain::symbol(std::string_view name) {
  const std::optional<Fraction> value = point_ ? point_(name) : std::nullopt;
  return value ? of_fraction(value->get()) : fail(Fault::unsupported);
}

ExactDomain::Result ExactDomain::add(Exact a, const Exact& b) {
  ca_add(a.get(), a.get(), b.get(), context_.get());
  return checked(std::move(a));
}

ExactDomain::Result ExactDomain::multiply(Exact a, const Exact& b) {
  ca_mul(a.get(), a.get(), b.get(), context_.get());
  return checked(std::move(a));
}

ExactDomain::Result ExactDomain::divide(Exact a, const Exact& b) {
  const truth_t zero = ca_check_is_zero(b.get(), context_.get());
  if (zero != T_FALSE) return fail(zero == T_TRUE ? Fault::undefined : Fault::unsupported);
  ca_div(a.get(), a.get(), b.get(), context_.get());
  return checked(std::move(a));
}

ExactDomain::Result ExactDomain::negate(Exact a) {
  ca_neg(a.get(), a.get(), context_.get());
  return a;
}

ExactDomain::Result ExactDomain::power_integer(const Exact& a, const fmpz* exponent) {
  if (fmpz_sgn(exponent) <= 0) {
    const truth_t zero = ca_check_is_zero(a.get(), context_.get());
    if (zero != T_FALSE) return fail(zero == T_TRUE ? Fault::undefined : Fault::unsupported);
  }
  Exact result(context_);
  ca_pow_fmpz(result.get(), a.get(), exponent, context_.get());
  return checked(std::move(result));
}

ExactDomain::Result ExactDomain::power_fraction(const Exact& a, const fmpq* exponent) {
  Exact result(context_);
  const truth_t zero = ca_check_is_zero(a.get(), context_.get());
  if (zero == T_TRUE) {
    return fmpq_sgn(exponent) > 0 ? Result(std::move(result)) : fail(Fault::undefined);
  }
  if (zero == T_UNKNOWN) return fail(Fault::unsupported);
  if (fmpz_is_odd(fmpq_denref(exponent))) {
    // Calcium's own power is the principal one: 1 + 1.73…i for the cube root of -8.
    const truth_t negative = ca_check_is_negative_real(a.get(), context_.get());
    if (negative == T_UNKNOWN) return fail(Fault::unsupported);
    if (negative == T_TRUE) {
      ca_neg(result.get(), a.get(), context_.get());
      ca_pow_fmpq(result.get(), result.get(), exponent, context_.get());
      if (fmpz_is_odd(fmpq_numref(exponent))) ca_neg(result.get(), result.get(), context_.get());
      return checked(std::move(result));
    }
  }
  ca_pow_fmpq(result.get(), a.get(), exponent, context_.get());
  return checked(std::move(result));
}

ExactDomain::Result ExactDomain::power(const Exact& a, const Exact& exponent) {
  // An exponent that only looks irrational, such as log 100.
  Fraction rational;
  if (ca_get_fmpq(rational.get(), exponent.get(), context_.get())) {
    return rational.is_integer() ? power_integer(a, rational.numerator())
                                 : power_fraction(a, rational.get());
  }
  if (ca_check_is_zero(a.get(), context_.get()) != T_FALSE) return fail(Fault::unsupported);
  Exact result(context_);
  ca_pow(result.get(), a.get(), exponent.get(), context_.get());
  return checked(std::move(result));
}

ExactDomain::Result ExactDomain::root(const Exact& a, unsigned index) {
  if (index == 0 || index > 64) return fail(Fault::unsupported);
  if (index == 2) {
    Exact result(context_);
    ca_sqrt(result.get(), a.get(), context_.get());
    return checked(std::move(result));
  }
  Fraction exponent;
  fmpq_set_si(exponent.get(), 1, index);
  return power_fraction(a, exponent.get());
}

}  // namespace reckon::rewards::math
