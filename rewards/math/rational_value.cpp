#include "rewards/math/rational_value.h"

#include <charconv>

namespace reckon::rewards::math {

std::string atom_name(const Term& term, uint32_t node) {
  const Node& n = term.tree->at(node);
  if (n.op == Op::symbol) return term.tree->names[n.index];
  // A space: no symbol has this name. Coordinates such as (x, y) are named in the same way.
  return "call " + std::to_string((*term.forms)[node]);
}

RationalValue rational_value(const Term& term, const Clock& clock) {
  RationalDomain domain;
  RationalValue result;
  result.value = Walk<RationalDomain>(domain, term, clock).value();
  if (!result.value) result.fault = domain.fault;
  return result;
}

std::optional<Rational> small_value(const Number& number) {
  constexpr size_t kDigits = 18;
  const size_t length = number.digits.size();
  if (number.base != 10 || number.base_shown || length > kDigits ||
      number.exponent < -static_cast<int>(kDigits) ||
      number.exponent > static_cast<int>(kDigits - length)) {
    return std::nullopt;
  }
  int64_t value = 0;
  const char* end = number.digits.data() + length;
  const auto [stop, error] = std::from_chars(number.digits.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  int64_t power = 1;
  for (int i = 0; i < std::abs(number.exponent); ++i) power *= 10;
  return number.exponent >= 0 ? Rational(value * power)
                              : Rational::divide(Rational(value), Rational(power));
}

std::optional<Rational> small_value(const Tree& tree, uint32_t node) {
  const Node& n = tree.at(node);
  if (n.op == Op::number) return small_value(tree.numbers[n.index]);
  if (n.op == Op::neg) {
    const uint32_t child = tree.children_of(node)[0];
    const Op op = tree.at(child).op;
    if (op != Op::number && op != Op::div) return std::nullopt;
    const std::optional<Rational> value = small_value(tree, child);
    return value ? Rational::subtract(Rational(0), *value) : std::nullopt;
  }
  if (n.op != Op::div) return std::nullopt;
  const auto children = tree.children_of(node);
  for (const uint32_t child : children) {
    const Op op = tree.at(child).op;
    const bool plain =
        op == Op::number || (op == Op::neg && tree.at(tree.children_of(child)[0]).op == Op::number);
    if (!plain) return std::nullopt;
  }
  const std::optional<Rational> above = small_value(tree, children[0]);
  const std::optional<Rational> below = small_value(tree, children[1]);
  if (!above || !below || below->numerator() == 0) return std::nullopt;
  return Rational::divide(*above, *below);
}

RationalDomain::Result RationalDomain::number(const Number& number) {
  Fraction result;
  if (fmpz_set_str(fmpq_numref(result.get()), number.digits.c_str(), number.base) != 0) {
    return fail(Fault::unsupported);
  }
  if (number.exponent != 0) {
    Integer scale;
    fmpz_set_ui(scale.get(), number.base);
    fmpz_pow_ui(scale.get(), scale.get(), static_cast<ulong>(std::abs(number.exponent)));
    if (number.exponent > 0) {
      fmpq_mul_fmpz(result.get(), result.get(), scale.get());
    } else {
      fmpq_div_fmpz(result.get(), result.get(), scale.get());
    }
  }
  return result;
}

RationalDomain::Result RationalDomain::integer(const fmpz* value) {
  Fraction result;
  fmpq_set_fmpz(result.get(), value);
  return result;
}

RationalDomain::Result RationalDomain::add(Fraction a, const Fraction& b) {
  fmpq_add(a.get(), a.get(), b.get());
  return a;
}

RationalDomain::Result RationalDomain::multiply(Fraction a, const Fraction& b) {
  fmpq_mul(a.get(), a.get(), b.get());
  return a;
}

RationalDomain::Result RationalDomain::divide(Fraction a, const Fraction& b) {
  if (b.is_zero()) return fail(Fault::undefined);
  fmpq_div(a.get(), a.get(), b.get());
  return a;
}

RationalDomain::Result RationalDomain::negate(Fraction a) {
  fmpq_neg(a.get(), a.get());
  return a;
}

RationalDomain::Result RationalDomain::power_integer(const Fraction& a, const fmpz* exponent) {
  if (a.is_zero() && fmpz_sgn(exponent) <= 0) return fail(Fault::undefined);
  const bool unit = a.is_integer() && fmpz_is_pm1(a.numerator());
  Fraction result;
  if (a.is_zero() || unit) {
    // These bases are their own powers up to sign, however large the exponent.
    fmpq_set(result.get(), a.get());
    if (unit && fmpz_is_even(exponent)) fmpq_one(result.get());
    return result;
  }
  if (!fmpz_fits_si(exponent)) return fail(Fault::guard);
  const double bits =
      static_cast<double>(std::max(fmpz_bits(a.numerator()), fmpz_bits(a.denominator())));
  if (bits * std::abs(fmpz_get_d(exponent)) > 2 * ValueGuards::kPowerBits) {
    return fail(Fault::guard);
  }
  fmpq_pow_si(result.get(), a.get(), fmpz_get_si(exponent));
  return result;
}

namespace {

Fraction whole(const Fraction& value, bool up) {
  Fraction result;
  if (up) {
    fmpz_cdiv_q(fmpq_numref(result.get()), value.numerator(), value.denominator());
  } else {
    fmpz_fdiv_q(fmpq_numref(result.get()), value.numerator(), value.denominator());
  }
  return result;
}

std::optional<Fraction> common(const std::vector<Fraction>& values, bool multiple) {
  Fraction result;
  fmpz* total = fmpq_numref(result.get());
  fmpz_set_ui(total, multiple ? 1 : 0);
  for (const Fraction& value : values) {
    if (!value.is_integer()) return std::nullopt;
    if (multiple) {
      fmpz_lcm(total, total, value.numerator());
    } else {
      fmpz_gcd(total, total, value.numerator());
    }
  }
  return result;
}

Fraction extreme(const std::vector<Fraction>& values, bool largest) {
  const Fraction* best = &values[0];
  for (const Fraction& value : values) {
    const int order = fmpq_cmp(value.get(), best->get());
    if (largest ? order > 0 : order < 0) best = &value;
  }
  return *best;
}

}  // namespace

RationalDomain::Result RationalDomain::function(Function name, const std::vector<Fraction>& values,
                                                bool) {
  switch (name) {
    case Function::gcd:
    case Function::lcm: {
      Result result = common(values, name == Function::lcm);
      return result ? std::move(result) : fail(Fault::unsupported);
    }
    case Function::min:
      return extreme(values, false);
    case Function::max:
      return extreme(values, true);
    case Function::floor:
      return whole(values[0], false);
    case Function::ceil:
      return whole(values[0], true);
    case Function::re:
    case Function::conj:
      return values[0];
    case Function::im:
      return Fraction();
    case Function::abs: {
      Fraction result = values[0];
      fmpq_abs(result.get(), result.get());
      return result;
    }
    case Function::sign: {
      Fraction result;
      fmpq_set_si(result.get(), fmpq_sgn(values[0].get()), 1);
      return result;
    }
    default:
      return fail(Fault::unsupported);
  }
}

}  // namespace reckon::rewards::math
