#include "rewards/math/evaluate_ball.h"
#include "rewards/math/evaluate_exact.h"
#include "rewards/math/rational_value.h"
#include "rewards/math/scalars.h"
#include "rewards/math/shape.h"

namespace reckon::rewards::math {
namespace {

bool is_terminating(const Fraction& value) {
  Integer rest;
  fmpz_t prime;
  fmpz_init_set_ui(prime, 2);
  fmpz_remove(rest.get(), value.denominator(), prime);
  fmpz_set_ui(prime, 5);
  fmpz_remove(rest.get(), rest.get(), prime);
  fmpz_clear(prime);
  return fmpz_is_one(rest.get()) != 0;
}

/// Whether floor(|value| scale + 1/2) is `places`, the shown digits.
bool rounds(const Fraction& value, const fmpz* scale, const fmpz* places) {
  Fraction shifted = value;
  fmpq_abs(shifted.get(), shifted.get());
  fmpq_mul_fmpz(shifted.get(), shifted.get(), scale);
  Fraction half;
  fmpq_set_si(half.get(), 1, 2);
  fmpq_add(shifted.get(), shifted.get(), half.get());
  Integer whole;
  fmpz_fdiv_q(whole.get(), shifted.numerator(), shifted.denominator());
  return fmpz_equal(whole.get(), places) != 0;
}

/// The same for a ball; false where the ball is too wide to tell.
bool rounds(const Ball& value, const fmpz* scale, const fmpz* places, slong precision) {
  Ball shifted;
  arb_ptr size = acb_realref(shifted.get());
  arb_abs(size, acb_realref(value.get()));
  arb_mul_fmpz(size, size, scale, precision);
  arb_t half;
  arb_init(half);
  arb_set_d(half, 0.5);
  arb_add(size, size, half, precision);
  arb_clear(half);
  arb_floor(size, size, precision);
  Integer whole;
  return arb_get_unique_fmpz(whole.get(), size) && fmpz_equal(whole.get(), places);
}

}  // namespace

bool rounds_to(const Term& gold, const Term& prediction, const Pair& pair) {
  const std::optional<Literal> shown = literal(gold);
  if (pair.options.exact_decimals || !shown || !shown->number->decimal ||
      shown->number->decimals_shown < 2 || shown->number->base != 10) {
    return false;
  }
  // The shown digits as an integer: the size of G was checked.
  const RationalValue g = rational_value(gold, pair.clock);
  if (!g.value) return false;
  Integer scale;
  fmpz_set_ui(scale.get(), 10);
  fmpz_pow_ui(scale.get(), scale.get(), static_cast<ulong>(shown->number->decimals_shown));
  Fraction places = *g.value;
  fmpq_abs(places.get(), places.get());
  fmpq_mul_fmpz(places.get(), places.get(), scale.get());
  if (!places.is_integer()) return false;
  const int sign = fmpq_sgn(g.value->get());

  const RationalValue p = rational_value(prediction, pair.clock);
  std::optional<Fraction> rational = p.value;
  if (!rational) rational = found_rational(prediction, pair.clock);
  if (rational) {
    const bool same_sign = sign == 0 || sign == fmpq_sgn(rational->get());
    return same_sign && !is_terminating(*rational) &&
           rounds(*rational, scale.get(), places.numerator());
  }
  for (const slong precision : {64, 256, 1024}) {
    const BallValue value = ball_value(prediction, precision, pair.clock);
    if (!value.value) return false;
    const acb_srcptr z = value.value->get();
    if (!acb_is_finite(z)) continue;
    const bool same_sign =
        sign == 0 || (sign > 0 ? arb_is_positive(acb_realref(z)) : arb_is_negative(acb_realref(z)));
    const bool real =
        arb_is_zero(acb_imagref(z)) || (precision == 1024 && arb_contains_zero(acb_imagref(z)));
    if (same_sign && real && rounds(*value.value, scale.get(), places.numerator(), precision)) {
      return true;
    }
  }
  return false;
}

}  // namespace reckon::rewards::math
