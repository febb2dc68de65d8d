#include "rewards/math/polynomial.h"

#include <flint/fmpz_mpoly.h>

#include <algorithm>
#include <cmath>

#include "rewards/math/walk.h"

namespace reckon::rewards::math {
namespace {

/// Polynomials over Z in the symbols of one pair.
class Ring {
 public:
  explicit Ring(const std::set<std::string>& names) : names_(names.begin(), names.end()) {
    fmpz_mpoly_ctx_init(context_, static_cast<slong>(std::max<size_t>(names_.size(), 1)),
                        ORD_DEGREVLEX);
  }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() { fmpz_mpoly_ctx_clear(context_); }

  const fmpz_mpoly_ctx_struct* get() const { return context_; }
  std::optional<slong> place(std::string_view name) const {
    const auto it = std::find(names_.begin(), names_.end(), name);
    return it == names_.end() ? std::nullopt : std::optional(it - names_.begin());
  }
  /// Whether polynomials of this degree are small enough.
  bool allows(double degree, double monomials) const {
    if (degree > ValueGuards::kDegree) return false;
    double count = 1;
    for (size_t i = 1; i <= names_.size(); ++i) {
      count *= (degree + static_cast<double>(i)) / static_cast<double>(i);
    }
    return count <= monomials;
  }

 private:
  std::vector<std::string> names_;
  fmpz_mpoly_ctx_t context_;
};

/// Owner of an fmpz_mpoly_t.
class Polynomial {
 public:
  explicit Polynomial(const Ring& ring) : ring_(&ring) { fmpz_mpoly_init(value_, ring.get()); }
  Polynomial(const Polynomial& other) : Polynomial(*other.ring_) {
    fmpz_mpoly_set(value_, other.value_, ring_->get());
  }
  Polynomial(Polynomial&& other) noexcept : Polynomial(*other.ring_) {
    fmpz_mpoly_swap(value_, other.value_, ring_->get());
  }
  Polynomial& operator=(Polynomial other) noexcept {
    fmpz_mpoly_swap(value_, other.value_, ring_->get());
    return *this;
  }
  ~Polynomial() { fmpz_mpoly_clear(value_, ring_->get()); }
  fmpz_mpoly_struct* get() { return value_; }
  const fmpz_mpoly_struct* get() const { return value_; }
  bool is_zero() const { return fmpz_mpoly_is_zero(value_, ring_->get()) != 0; }
  bool is_constant() const { return fmpz_mpoly_is_fmpz(value_, ring_->get()) != 0; }
  double degree() const {
    return is_zero() ? 0 : static_cast<double>(fmpz_mpoly_total_degree_si(value_, ring_->get()));
  }

 private:
  const Ring* ring_;
  fmpz_mpoly_t value_;
};

/// A quotient that is never cancelled, so that no common divisor has to be found.
struct Quotient {
  Polynomial above;
  Polynomial below;
};

/// Quotients of polynomials; a domain of `Walk`.
class QuotientDomain {
 public:
  using Value = Quotient;
  using Result = std::optional<Quotient>;
  Fault fault = Fault::none;

  explicit QuotientDomain(const Ring& ring) : ring_(ring) {}

  Result number(const Number& number) {
    RationalDomain exact;
    const std::optional<Fraction> value = exact.number(number);
    return value ? of(value->numerator(), value->denominator()) : fail(exact.fault);
  }
  Result integer(const fmpz* value) {
    Integer one;
    fmpz_one(one.get());
    return of(value, one.get());
  }
  Result constant(Constant) { return fail(Fault::unsupported); }
  Result symbol(std::string_view name) {
    const std::optional<slong> place = ring_.place(name);
    if (!place) return fail(Fault::unsupported);
    Quotient result{Polynomial(ring_), Polynomial(ring_)};
    fmpz_mpoly_gen(result.above.get(), *place, ring_.get());
    fmpz_mpoly_one(result.below.get(), ring_.get());
    return result;
  }
  Result add(Quotient a, const Quotient& b) {
    if (fmpz_mpoly_equal(a.below.get(), b.below.get(), ring_.get())) {
      fmpz_mpoly_add(a.above.get(), a.above.get(), b.above.get(), ring_.get());
      return a;
    }
    std::optional<Polynomial> left = times(a.above, b.below);
    std::optional<Polynomial> right = times(b.above, a.below);
    std::optional<Polynomial> below = times(a.below, b.below);
    if (!left || !right || !below) return std::nullopt;
    fmpz_mpoly_add(left->get(), left->get(), right->get(), ring_.get());
    return Quotient{std::move(*left), std::move(*below)};
  }
  Result multiply(Quotient a, const Quotient& b) {
    std::optional<Polynomial> above = times(a.above, b.above);
    std::optional<Polynomial> below = times(a.below, b.below);
    if (!above || !below) return std::nullopt;
    return Quotient{std::move(*above), std::move(*below)};
  }
  Result divide(Quotient a, const Quotient& b) {
    if (b.above.is_zero()) return fail(Fault::undefined);
    return multiply(std::move(a), Quotient{b.below, b.above});
  }
  Result negate(Quotient a) {
    fmpz_mpoly_neg(a.above.get(), a.above.get(), ring_.get());
    return a;
  }
  Result power_integer(const Quotient& a, const fmpz* exponent) {
    if (fmpz_sgn(exponent) <= 0 && a.above.is_zero()) return fail(Fault::undefined);
    if (fmpz_cmpabs(exponent, kilo_.get()) > 0) return fail(Fault::unsupported);
    const slong n = fmpz_get_si(exponent);
    const auto size = static_cast<ulong>(std::abs(n));
    std::optional<Polynomial> above = power_of(a.above, size);
    std::optional<Polynomial> below = power_of(a.below, size);
    if (!above || !below) return std::nullopt;
    if (n < 0) std::swap(*above, *below);
    return Quotient{std::move(*above), std::move(*below)};
  }
  Result power_fraction(const Quotient&, const fmpq*) { return fail(Fault::unsupported); }
  Result power(const Quotient&, const Quotient&) { return fail(Fault::unsupported); }
  Result root(const Quotient&, unsigned) { return fail(Fault::unsupported); }
  Result function(Function, const std::vector<Quotient>&, bool) { return fail(Fault::unsupported); }
  Result factorial(const Quotient&) { return fail(Fault::unsupported); }

  /// A product, unless it could be too large.
  std::optional<Polynomial> times(const Polynomial& a, const Polynomial& b) {
    if (!a.is_constant() && !b.is_constant() &&
        !ring_.allows(a.degree() + b.degree(), ValueGuards::kMonomials)) {
      fault = Fault::unsupported;
      return std::nullopt;
    }
    Polynomial result(ring_);
    fmpz_mpoly_mul(result.get(), a.get(), b.get(), ring_.get());
    return result;
  }

 private:
  Result fail(Fault why) {
    fault = why;
    return std::nullopt;
  }
  Result of(const fmpz* above, const fmpz* below) {
    Quotient result{Polynomial(ring_), Polynomial(ring_)};
    fmpz_mpoly_set_fmpz(result.above.get(), above, ring_.get());
    fmpz_mpoly_set_fmpz(result.below.get(), below, ring_.get());
    return result;
  }
  std::optional<Polynomial> power_of(const Polynomial& a, ulong exponent) {
    if (!a.is_constant() &&
        !ring_.allows(a.degree() * static_cast<double>(exponent), ValueGuards::kMonomials)) {
      fault = Fault::unsupported;
      return std::nullopt;
    }
    Polynomial result(ring_);
    if (!fmpz_mpoly_pow_ui(result.get(), a.get(), exponent, ring_.get())) {
      fault = Fault::unsupported;
      return std::nullopt;
    }
    return result;
  }

  const Ring& ring_;
  Integer kilo_ = [] {
    Integer value;
    fmpz_set_ui(value.get(), 131072);
    return value;
  }();
};

std::optional<Quotient> quotient(QuotientDomain& domain, const Term& term, const Clock& clock) {
  domain.fault = Fault::none;
  return Walk<QuotientDomain>(domain, term, clock).value();
}

std::optional<Quotient> difference(QuotientDomain& domain, const Term& left, const Term& right,
                                   const Clock& clock) {
  std::optional<Quotient> a = quotient(domain, left, clock);
  std::optional<Quotient> b = a ? quotient(domain, right, clock) : std::nullopt;
  return b ? domain.add(std::move(*a), *domain.negate(std::move(*b))) : std::nullopt;
}

/// The numerator of `value` after cancelling; nothing if finding the divisor could take long.
std::optional<Polynomial> reduced_numerator(const Ring& ring, const Quotient& value) {
  if (value.below.is_constant() || value.above.is_zero()) return value.above;
  const double degree = std::max(value.above.degree(), value.below.degree());
  if (!ring.allows(degree, ValueGuards::kFractionMonomials)) return std::nullopt;
  Polynomial divisor(ring);
  Polynomial result(ring);
  if (!fmpz_mpoly_gcd(divisor.get(), value.above.get(), value.below.get(), ring.get()) ||
      !fmpz_mpoly_divides(result.get(), value.above.get(), divisor.get(), ring.get())) {
    return std::nullopt;
  }
  return result;
}

/// Whether a is b times a rational.
Proportion compare_up_to_factor(const Ring& ring, const Polynomial& a, const Polynomial& b) {
  if (a.is_zero() || b.is_zero()) return {a.is_zero() && b.is_zero(), 1};
  if (fmpz_mpoly_length(a.get(), ring.get()) != fmpz_mpoly_length(b.get(), ring.get())) return {};
  Integer first;
  Integer second;
  fmpz_mpoly_get_term_coeff_fmpz(first.get(), a.get(), 0, ring.get());
  fmpz_mpoly_get_term_coeff_fmpz(second.get(), b.get(), 0, ring.get());
  Polynomial left(ring);
  Polynomial right(ring);
  fmpz_mpoly_scalar_mul_fmpz(left.get(), a.get(), second.get(), ring.get());
  fmpz_mpoly_scalar_mul_fmpz(right.get(), b.get(), first.get(), ring.get());
  return {fmpz_mpoly_equal(left.get(), right.get(), ring.get()) != 0,
          fmpz_sgn(first.get()) * fmpz_sgn(second.get())};
}

}  // namespace

std::optional<bool> equal_quotients(const Term& gold, const Term& prediction,
                                    const std::set<std::string>& names, const Pair& pair) {
  if (names.size() > ValueGuards::kVariables) return std::nullopt;
  const Ring ring(names);
  QuotientDomain domain(ring);
  const std::optional<Quotient> g = quotient(domain, gold, pair.clock);
  const std::optional<Quotient> p = g ? quotient(domain, prediction, pair.clock) : std::nullopt;
  if (!p) return std::nullopt;
  // a/b = c/d by ad = bc: nothing is cancelled.
  const std::optional<Polynomial> left = domain.times(g->above, p->below);
  const std::optional<Polynomial> right = domain.times(p->above, g->below);
  if (!left || !right) return std::nullopt;
  return fmpz_mpoly_equal(left->get(), right->get(), ring.get()) != 0;
}

std::optional<Proportion> proportion(const Term& gold_left, const Term& gold_right,
                                     const Term& left, const Term& right,
                                     const std::set<std::string>& names, const Pair& pair) {
  if (names.size() > ValueGuards::kVariables) return std::nullopt;
  const Ring ring(names);
  QuotientDomain domain(ring);
  const std::optional<Quotient> f = difference(domain, gold_left, gold_right, pair.clock);
  const std::optional<Quotient> g = f ? difference(domain, left, right, pair.clock) : std::nullopt;
  if (!g) return std::nullopt;
  const std::optional<Polynomial> whole_f = domain.times(f->above, g->below);
  const std::optional<Polynomial> whole_g = domain.times(g->above, f->below);
  if (!whole_f || !whole_g) return std::nullopt;
  const Proportion whole = compare_up_to_factor(ring, *whole_f, *whole_g);
  if (whole.proportional || (f->below.is_constant() && g->below.is_constant())) return whole;
  // Equal up to denominators: the sign of the factor is not fixed then.
  const std::optional<Polynomial> above_f = reduced_numerator(ring, *f);
  const std::optional<Polynomial> above_g = reduced_numerator(ring, *g);
  if (!above_f || !above_g) return std::nullopt;
  return Proportion{compare_up_to_factor(ring, *above_f, *above_g).proportional, 0};
}

}  // namespace reckon::rewards::math
