#include "rewards/math/ball_domain.h"

namespace reckon::rewards::math {

std::optional<Ball> BallDomain::trigonometric(Function name, const Ball& x) const {
  Ball y;
  switch (name) {
    case Function::sin:
      acb_sin(y.get(), x.get(), precision_);
      return y;
    case Function::cos:
      acb_cos(y.get(), x.get(), precision_);
      return y;
    case Function::tan:
      acb_tan(y.get(), x.get(), precision_);
      return y;
    case Function::cot:
      acb_cot(y.get(), x.get(), precision_);
      return y;
    case Function::sec:
      acb_sec(y.get(), x.get(), precision_);
      return y;
    case Function::csc:
      acb_csc(y.get(), x.get(), precision_);
      return y;
    default:
      return std::nullopt;
  }
}

std::optional<Ball> BallDomain::inverse_trigonometric(Function name, const Ball& x) const {
  Ball y;
  Ball inverse;
  const bool of_inverse =
      name == Function::acot || name == Function::asec || name == Function::acsc;
  if (of_inverse) acb_inv(inverse.get(), x.get(), precision_);
  switch (name) {
    case Function::asin:
      acb_asin(y.get(), x.get(), precision_);
      return y;
    case Function::acos:
      acb_acos(y.get(), x.get(), precision_);
      return y;
    case Function::atan:
      acb_atan(y.get(), x.get(), precision_);
      return y;
    case Function::acot:
      acb_atan(y.get(), inverse.get(), precision_);
      return y;
    case Function::asec:
      acb_acos(y.get(), inverse.get(), precision_);
      return y;
    case Function::acsc:
      acb_asin(y.get(), inverse.get(), precision_);
      return y;
    default:
      return std::nullopt;
  }
}

std::optional<Ball> BallDomain::hyperbolic(Function name, const Ball& x) const {
  Ball y;
  switch (name) {
    case Function::sinh:
      acb_sinh(y.get(), x.get(), precision_);
      return y;
    case Function::cosh:
      acb_cosh(y.get(), x.get(), precision_);
      return y;
    case Function::tanh:
      acb_tanh(y.get(), x.get(), precision_);
      return y;
    case Function::coth:
      acb_coth(y.get(), x.get(), precision_);
      return y;
    case Function::sech:
      acb_sech(y.get(), x.get(), precision_);
      return y;
    case Function::csch:
      acb_csch(y.get(), x.get(), precision_);
      return y;
    case Function::asinh:
      acb_asinh(y.get(), x.get(), precision_);
      return y;
    case Function::acosh:
      acb_acosh(y.get(), x.get(), precision_);
      return y;
    case Function::atanh:
      acb_atanh(y.get(), x.get(), precision_);
      return y;
    default:
      return std::nullopt;
  }
}

std::optional<Ball> BallDomain::part(Function name, const Ball& x) const {
  Ball y;
  arb_srcptr re = acb_realref(x.get());
  switch (name) {
    case Function::abs:
      acb_abs(acb_realref(y.get()), x.get(), precision_);
      return y;
    case Function::re:
      arb_set(acb_realref(y.get()), re);
      return y;
    case Function::im:
      arb_set(acb_realref(y.get()), acb_imagref(x.get()));
      return y;
    case Function::conj:
      acb_conj(y.get(), x.get());
      return y;
    case Function::arg:
      acb_arg(acb_realref(y.get()), x.get(), precision_);
      return y;
    case Function::sign:
      acb_sgn(y.get(), x.get(), precision_);
      return y;
    case Function::floor:
    case Function::ceil:
      if (!acb_is_real(x.get())) return std::nullopt;
      if (name == Function::floor) arb_floor(acb_realref(y.get()), re, precision_);
      if (name == Function::ceil) arb_ceil(acb_realref(y.get()), re, precision_);
      return y;
    default:
      return std::nullopt;
  }
}

BallDomain::Result BallDomain::extreme(const std::vector<Ball>& values, bool largest) {
  Ball best = values[0];
  for (const Ball& value : values) {
    if (!acb_is_real(value.get())) return fail(Fault::unsupported);
    arb_ptr to = acb_realref(best.get());
    if (largest) {
      arb_max(to, to, acb_realref(value.get()), precision_);
    } else {
      arb_min(to, to, acb_realref(value.get()), precision_);
    }
  }
  return best;
}

BallDomain::Result BallDomain::function(Function name, const std::vector<Ball>& values,
                                        bool natural_log) {
  const Ball& x = values[0];
  Ball y;
  switch (name) {
    case Function::exp:
      acb_exp(y.get(), x.get(), precision_);
      return met(std::move(y));
    case Function::ln:
    case Function::log:
    case Function::log_base: {
      const Ball& argument = values.back();
      if (acb_is_zero(argument.get())) return fail(Fault::undefined);
      acb_log(y.get(), argument.get(), precision_);
      if (name == Function::ln || (name == Function::log && natural_log)) return met(std::move(y));
      Ball base;
      if (name == Function::log_base) base = values[0];
      if (name == Function::log) acb_set_ui(base.get(), 10);
      if (acb_is_zero(base.get())) return fail(Fault::undefined);
      acb_log(base.get(), base.get(), precision_);
      return divide(std::move(y), base);
    }
    case Function::min:
      return extreme(values, false);
    case Function::max:
      return extreme(values, true);
    default:
      break;
  }
  Result result = trigonometric(name, x);
  if (!result) result = inverse_trigonometric(name, x);
  if (!result) result = hyperbolic(name, x);
  if (!result) result = part(name, x);
  return result ? met(std::move(*result)) : fail(Fault::unsupported);
}

}  // namespace reckon::rewards::math
