#include "rewards/math/exact_domain.h"

namespace reckon::rewards::math {

ExactDomain::Result ExactDomain::quotient(const Result& above, const Result& below) {
  return above && below ? divide(*above, *below) : std::nullopt;
}

ExactDomain::Result ExactDomain::logarithm(const Exact& x) {
  const truth_t zero = ca_check_is_zero(x.get(), context_.get());
  if (zero != T_FALSE) return fail(zero == T_TRUE ? Fault::undefined : Fault::unsupported);
  Exact result(context_);
  ca_log(result.get(), x.get(), context_.get());
  return checked(std::move(result));
}

ExactDomain::Result ExactDomain::trigonometric(Function name, const Exact& x) {
  Exact sine(context_);
  Exact cosine(context_);
  ca_sin_cos(sine.get(), cosine.get(), x.get(), context_.get());
  Exact one(context_);
  ca_one(one.get(), context_.get());
  switch (name) {
    case Function::sin:
      return checked(std::move(sine));
    case Function::cos:
      return checked(std::move(cosine));
    case Function::tan:
      return divide(std::move(sine), cosine);
    case Function::cot:
      return divide(std::move(cosine), sine);
    case Function::sec:
      return divide(std::move(one), cosine);
    default:
      return divide(std::move(one), sine);
  }
}

ExactDomain::Result ExactDomain::inverse_trigonometric(Function name, const Exact& x) {
  Exact argument = x;
  if (name == Function::acot || name == Function::asec || name == Function::acsc) {
    Exact one(context_);
    ca_one(one.get(), context_.get());
    Result inverse = divide(std::move(one), x);
    if (!inverse) return std::nullopt;
    argument = std::move(*inverse);
  }
  Exact result(context_);
  switch (name) {
    case Function::asin:
    case Function::acsc:
      ca_asin(result.get(), argument.get(), context_.get());
      break;
    case Function::acos:
    case Function::asec:
      ca_acos(result.get(), argument.get(), context_.get());
      break;
    default:
      ca_atan(result.get(), argument.get(), context_.get());
      break;
  }
  return checked(std::move(result));
}

/// By exponentials: Calcium has no hyperbolic functions. Their inverses are left to the balls.
ExactDomain::Result ExactDomain::hyperbolic(Function name, const Exact& x) {
  Exact up(context_);
  Exact down(context_);
  ca_exp(up.get(), x.get(), context_.get());
  ca_neg(down.get(), x.get(), context_.get());
  ca_exp(down.get(), down.get(), context_.get());
  Exact sum(context_);
  Exact difference(context_);
  ca_add(sum.get(), up.get(), down.get(), context_.get());
  ca_sub(difference.get(), up.get(), down.get(), context_.get());
  Exact two(context_);
  ca_set_ui(two.get(), 2, context_.get());
  switch (name) {
    case Function::sinh:
      return divide(std::move(difference), two);
    case Function::cosh:
      return divide(std::move(sum), two);
    case Function::tanh:
      return divide(std::move(difference), sum);
    case Function::coth:
      return divide(std::move(sum), difference);
    case Function::sech:
      return divide(std::move(two), sum);
    case Function::csch:
      return divide(std::move(two), difference);
    default:
      return fail(Fault::unsupported);
  }
}

ExactDomain::Result ExactDomain::part(Function name, const Exact& x) {
  Exact result(context_);
  switch (name) {
    case Function::abs:
      ca_abs(result.get(), x.get(), context_.get());
      break;
    case Function::floor:
      ca_floor(result.get(), x.get(), context_.get());
      break;
    case Function::ceil:
      ca_ceil(result.get(), x.get(), context_.get());
      break;
    case Function::re:
      ca_re(result.get(), x.get(), context_.get());
      break;
    case Function::im:
      ca_im(result.get(), x.get(), context_.get());
      break;
    case Function::conj:
      ca_conj(result.get(), x.get(), context_.get());
      break;
    case Function::arg:
      ca_arg(result.get(), x.get(), context_.get());
      break;
    case Function::sign:
      ca_sgn(result.get(), x.get(), context_.get());
      break;
    default:
      return fail(Fault::unsupported);
  }
  return checked(std::move(result));
}

ExactDomain::Result ExactDomain::function(Function name, const std::vector<Exact>& values,
                                          bool natural_log) {
  const Exact& x = values[0];
  switch (name) {
    case Function::sin:
    case Function::cos:
    case Function::tan:
    case Function::cot:
    case Function::sec:
    case Function::csc:
      return trigonometric(name, x);
    case Function::asin:
    case Function::acos:
    case Function::atan:
    case Function::acot:
    case Function::asec:
    case Function::acsc:
      return inverse_trigonometric(name, x);
    case Function::ln:
      return logarithm(x);
    case Function::log: {
      if (natural_log) return logarithm(x);
      Exact ten(context_);
      ca_set_ui(ten.get(), 10, context_.get());
      return quotient(logarithm(x), logarithm(ten));
    }
    case Function::log_base:
      return quotient(logarithm(values.back()), logarithm(x));
    case Function::exp: {
      Exact result(context_);
      ca_exp(result.get(), x.get(), context_.get());
      return checked(std::move(result));
    }
    case Function::min:
    case Function::max:
    case Function::gcd:
    case Function::lcm:
      return fail(Fault::unsupported);
    case Function::abs:
    case Function::floor:
    case Function::ceil:
    case Function::re:
    case Function::im:
    case Function::conj:
    case Function::arg:
    case Function::sign:
      return part(name, x);
    default:
      return hyperbolic(name, x);
  }
}

}  // namespace reckon::rewards::math
