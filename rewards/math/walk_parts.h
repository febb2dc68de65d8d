#pragma once

// The longer members of `Walk`, included by walk.h alone.

#include "rewards/math/walk.h"

namespace reckon::rewards::math {

template <class Domain>
std::optional<Fraction> Walk<Domain>::rational(uint32_t node) {
  RationalDomain domain;
  return Walk<RationalDomain>(domain, term_.with(node), clock_, bound_).value();
}

template <class Domain>
auto Walk<Domain>::of_fraction(const Fraction& value) -> Result {
  Result above = domain_.integer(value.numerator());
  if (!above || value.is_integer()) return above;
  Result below = domain_.integer(value.denominator());
  return below ? domain_.divide(std::move(*above), *below) : std::nullopt;
}

template <class Domain>
auto Walk<Domain>::function(uint32_t node) -> Result {
  const auto name = static_cast<Function>(tree().at(node).detail);
  switch (name) {
    case Function::gcd:
    case Function::lcm:
    case Function::min:
    case Function::max:
    case Function::floor:
    case Function::ceil:
    case Function::abs:
    case Function::sign:
      if (Result exact = exact_function(node)) return exact;
      break;
    default:
      break;
  }
  std::vector<Value> values;
  for (const uint32_t child : tree().children_of(node)) {
    Result value = at(child);
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
  }
  if (values.empty()) return fail(Fault::unsupported);
  return domain_.function(name, values, term_.natural_log);
}

/// A function of rationals with a rational value, whatever the domain.
template <class Domain>
auto Walk<Domain>::exact_function(uint32_t node) -> Result {
  std::vector<Fraction> values;
  for (const uint32_t child : tree().children_of(node)) {
    std::optional<Fraction> value = rational(child);
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
  }
  if (values.empty()) return std::nullopt;
  RationalDomain exact;
  const std::optional<Fraction> value =
      exact.function(static_cast<Function>(tree().at(node).detail), values, false);
  return value ? of_fraction(*value) : std::nullopt;
}

template <class Domain>
auto Walk<Domain>::binomial(uint32_t node) -> Result {
  const auto children = tree().children_of(node);
  const std::optional<Fraction> lower = rational(children[1]);
  if (!lower || !lower->is_integer() || fmpz_sgn(lower->numerator()) < 0) {
    return fail(Fault::unsupported);
  }
  const std::optional<Fraction> upper = rational(children[0]);
  const bool whole = upper && upper->is_integer() && fmpz_sgn(upper->numerator()) >= 0;
  if (!whole) {
    if (fmpz_cmp_si(lower->numerator(), 64) > 0) return fail(Fault::unsupported);
    return falling_binomial(children[0], fmpz_get_ui(lower->numerator()));
  }
  if (fmpz_cmp_si(upper->numerator(), 10000) > 0) return fail(Fault::guard);
  Integer result;
  if (fmpz_cmp(lower->numerator(), upper->numerator()) <= 0) {
    fmpz_bin_uiui(result.get(), fmpz_get_ui(upper->numerator()), fmpz_get_ui(lower->numerator()));
  }
  return domain_.integer(result.get());
}

/// n (n - 1) ... (n - k + 1) / k!, for an upper argument that is not a natural number.
template <class Domain>
auto Walk<Domain>::falling_binomial(uint32_t upper, unsigned long lower) -> Result {
  const Result n = at(upper);
  Result product = small(1);
  for (unsigned long k = 0; n && product && k < lower; ++k) {
    Result shift = small(-static_cast<int64_t>(k));
    if (!shift) return std::nullopt;
    Result factor = domain_.add(*n, *shift);
    if (!factor) return std::nullopt;
    product = domain_.multiply(std::move(*product), *factor);
  }
  if (!n || !product) return std::nullopt;
  Integer below;
  fmpz_fac_ui(below.get(), lower);
  Result divisor = domain_.integer(below.get());
  return divisor ? domain_.divide(std::move(*product), *divisor) : std::nullopt;
}

template <class Domain>
auto Walk<Domain>::modulo(uint32_t node) -> Result {
  const auto children = tree().children_of(node);
  const std::optional<Fraction> a = rational(children[0]);
  const std::optional<Fraction> b = rational(children[1]);
  if (!a || !b || !a->is_integer() || !b->is_integer()) return fail(Fault::unsupported);
  if (b->is_zero()) return fail(Fault::undefined);
  Integer result;
  fmpz_mod(result.get(), a->numerator(), b->numerator());
  return domain_.integer(result.get());
}

template <class Domain>
template <class Step>
auto Walk<Domain>::repeated(uint32_t node, Step step, int64_t empty) -> Result {
  const auto children = tree().children_of(node);
  if (children.size() != 4 || tree().at(children[0]).op != Op::symbol) {
    return fail(Fault::unsupported);
  }
  const std::optional<Fraction> lower = rational(children[1]);
  const std::optional<Fraction> upper = rational(children[2]);
  if (!lower || !upper || !lower->is_integer() || !upper->is_integer()) {
    return fail(Fault::unsupported);
  }
  if (!fmpz_fits_si(lower->numerator()) || !fmpz_fits_si(upper->numerator())) {
    return fail(Fault::guard);
  }
  const int64_t first = fmpz_get_si(lower->numerator());
  const int64_t last = fmpz_get_si(upper->numerator());
  if (static_cast<double>(last) - static_cast<double>(first) > ValueGuards::kTerms) {
    return fail(Fault::guard);
  }
  Result total = small(empty);
  bound_.push_back({tree().names[tree().at(children[0]).index], first});
  for (int64_t k = first; total && k <= last; ++k) {
    bound_.back().value = k;
    Result next = at(children[3]);
    total = next ? (domain_.*step)(std::move(*total), *next) : std::nullopt;
  }
  bound_.pop_back();
  return total;
}

template <class Domain>
auto Walk<Domain>::determinant(uint32_t node) -> Result {
  const auto cells = tree().children_of(node);
  const size_t side = tree().at(node).detail;
  // By minors: 5! products at most.
  if (side == 0 || side > 5 || cells.size() != side * side) return fail(Fault::unsupported);
  std::vector<size_t> columns(side);
  for (size_t i = 0; i < side; ++i) columns[i] = i;
  return minor(cells, side, 0, columns);
}

/// The determinant of the given columns below `row`.
template <class Domain>
auto Walk<Domain>::minor(std::span<const uint32_t> cells, size_t side, size_t row,
                         std::vector<size_t>& columns) -> Result {
  if (row == side) return small(1);
  Result total = small(0);
  for (size_t i = 0; total && i < columns.size(); ++i) {
    const size_t column = columns[i];
    Result cell = at(cells[row * side + column]);
    if (!cell) return std::nullopt;
    columns.erase(columns.begin() + static_cast<ptrdiff_t>(i));
    Result rest = minor(cells, side, row + 1, columns);
    columns.insert(columns.begin() + static_cast<ptrdiff_t>(i), column);
    if (!rest) return std::nullopt;
    Result product = negated(domain_.multiply(std::move(*cell), *rest), i % 2 == 1);
    total = product ? domain_.add(std::move(*total), *product) : std::nullopt;
  }
  return total;
}

}  // namespace reckon::rewards::math
