#pragma once

// The walk over a tree that all evaluators share. Only the .cpp files of this folder include this.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rewards/math/handles.h"
#include "rewards/math/rational_domain.h"
#include "rewards/math/term.h"

namespace reckon::rewards::math {

/// The value of a variable of a sum or product.
struct Binding {
  std::string_view name;
  int64_t value;
};

/// The name under which a symbol or an unknown function's call stands for a value.
std::string atom_name(const Term& term, uint32_t node);

/// Evaluates terms in a domain. A domain has a type `Value` and these members, where an empty
/// result means that `fault` was set:
///   number(Number), integer(fmpz), constant(Constant), symbol(name)   -> optional<Value>
///   add(a, b), multiply(a, b), divide(a, b), negate(a)                -> optional<Value>
///   power_integer(a, fmpz), power_fraction(a, fmpq), power(a, b)      -> optional<Value>
///   root(a, n), function(f, values, natural_log), factorial(a)        -> optional<Value>
/// The sizes must have been checked (estimate.h).
template <class Domain>
class Walk {
 public:
  using Value = typename Domain::Value;
  using Result = std::optional<Value>;

  Walk(Domain& domain, const Term& term, const Clock& clock, std::vector<Binding> bound = {})
      : domain_(domain), term_(term), clock_(clock), bound_(std::move(bound)) {}

  Result value() { return at(term_.node); }

 private:
  const Tree& tree() const { return *term_.tree; }
  Result fail(Fault fault) {
    domain_.fault = fault;
    return std::nullopt;
  }

  /// The value of a node if it is rational and needs no symbol; leaves the domain's fault alone.
  std::optional<Fraction> rational(uint32_t node);

  Result at(uint32_t node) {
    if (clock_.late()) return fail(Fault::late);
    const Node& n = tree().at(node);
    switch (n.op) {
      case Op::number:
        return domain_.number(tree().numbers[n.index]);
      case Op::constant:
        return domain_.constant(static_cast<Constant>(n.detail));
      case Op::symbol:
      case Op::call:
        return symbol(node);
      case Op::add:
        return fold(node, &Domain::add);
      case Op::mul:
        return fold(node, &Domain::multiply);
      case Op::neg:
        return negated(at(tree().children_of(node)[0]), true);
      case Op::plus_minus:
        return negated(at(tree().children_of(node)[0]), term_.minus != (n.detail == 1));
      case Op::div:
        return divided(node);
      case Op::pow:
        return powered(node);
      case Op::root:
        return rooted(node);
      case Op::func:
        return function(node);
      case Op::factorial:
        return factorial(node);
      case Op::binom:
        return binomial(node);
      case Op::mod:
        return modulo(node);
      case Op::sum:
        return repeated(node, &Domain::add, 0);
      case Op::prod:
        return repeated(node, &Domain::multiply, 1);
      case Op::determinant:
        return determinant(node);
      default:
        return fail(Fault::unsupported);
    }
  }

  Result symbol(uint32_t node) {
    const Node& n = tree().at(node);
    if (n.op == Op::symbol) {
      const std::string& name = tree().names[n.index];
      for (auto it = bound_.rbegin(); it != bound_.rend(); ++it) {
        if (it->name == name) return small(it->value);
      }
      if (term_.j_is_unit && name == "j") return domain_.constant(Constant::i);
    }
    return domain_.symbol(atom_name(term_, node));
  }

  Result small(int64_t value) {
    Integer integer;
    fmpz_set_si(integer.get(), value);
    return domain_.integer(integer.get());
  }

  Result negated(Result value, bool negative) {
    return value && negative ? domain_.negate(std::move(*value)) : std::move(value);
  }

  template <class Step>
  Result fold(uint32_t node, Step step) {
    const auto children = tree().children_of(node);
    Result total = at(children[0]);
    for (size_t i = 1; total && i < children.size(); ++i) {
      Result next = at(children[i]);
      if (!next) return std::nullopt;
      total = (domain_.*step)(std::move(*total), *next);
    }
    return total;
  }

  Result divided(uint32_t node) {
    const auto children = tree().children_of(node);
    Result above = at(children[0]);
    if (!above) return std::nullopt;
    Result below = at(children[1]);
    return below ? domain_.divide(std::move(*above), *below) : std::nullopt;
  }

  Result powered(uint32_t node) {
    const auto children = tree().children_of(node);
    Result base = at(children[0]);
    if (!base) return std::nullopt;
    if (const std::optional<Fraction> exponent = rational(children[1])) {
      return exponent->is_integer() ? domain_.power_integer(*base, exponent->numerator())
                                    : domain_.power_fraction(*base, exponent->get());
    }
    Result exponent = at(children[1]);
    return exponent ? domain_.power(*base, *exponent) : std::nullopt;
  }

  Result rooted(uint32_t node) {
    Result base = at(tree().children_of(node)[0]);
    return base ? domain_.root(*base, tree().at(node).detail) : std::nullopt;
  }

  Result factorial(uint32_t node) {
    const uint32_t child = tree().children_of(node)[0];
    if (const std::optional<Fraction> n = rational(child)) {
      if (!n->is_integer() || fmpz_sgn(n->numerator()) < 0) return fail(Fault::unsupported);
      if (fmpz_cmp_si(n->numerator(), 10000) > 0) return fail(Fault::guard);
      Integer result;
      fmpz_fac_ui(result.get(), fmpz_get_ui(n->numerator()));
      return domain_.integer(result.get());
    }
    Result value = at(child);
    return value ? domain_.factorial(*value) : std::nullopt;
  }

  Result function(uint32_t node);
  Result exact_function(uint32_t node);
  Result binomial(uint32_t node);
  Result falling_binomial(uint32_t upper, unsigned long lower);
  Result modulo(uint32_t node);
  template <class Step>
  Result repeated(uint32_t node, Step step, int64_t empty);
  Result determinant(uint32_t node);
  Result minor(std::span<const uint32_t> cells, size_t side, size_t row,
               std::vector<size_t>& columns);
  std::optional<Value> of_fraction(const Fraction& value);

  Domain& domain_;
  Term term_;
  const Clock& clock_;
  std::vector<Binding> bound_;
};

}  // namespace reckon::rewards::math

#include "rewards/math/walk_parts.h"
