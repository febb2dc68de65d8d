#include "rewards/math/evaluate_exact.h"

#include "rewards/math/estimate.h"
#include "rewards/math/exact_domain.h"

namespace reckon::rewards::math {
namespace {

/// How many roots and functions stand below a node, each a generator of Calcium's field at worst.
int generators(const Tree& tree, uint32_t node) {
  int count = 0;
  std::vector<uint32_t> open{node};
  while (!open.empty()) {
    const uint32_t next = open.back();
    open.pop_back();
    const Node& n = tree.at(next);
    const bool literal_exponent =
        n.op == Op::pow && tree.at(tree.children_of(next)[1]).op == Op::number;
    if (n.op == Op::root || n.op == Op::func || (n.op == Op::pow && !literal_exponent)) ++count;
    if (n.op == Op::sum || n.op == Op::prod) count += 4;
    for (const uint32_t child : tree.children_of(next)) open.push_back(child);
  }
  return count;
}

constexpr int kGenerators = 12;
/// Beyond these Calcium takes seconds, as for the arc sine of 10^1000.
constexpr double kExactBits = 1024;

bool is_small(const Term& term) {
  return generators(*term.tree, term.node) <= kGenerators && predicted_bits(term) <= kExactBits;
}

/// Both values in one context, if both have one.
struct Values {
  ExactContext context;
  std::optional<Exact> a;
  std::optional<Exact> b;

  Values(const Term& first, const Term& second, const Clock& clock, const RationalPoint& point) {
    if (!is_small(first) || !is_small(second)) return;
    ExactDomain domain(context, point);
    a = Walk<ExactDomain>(domain, first, clock).value();
    if (a) b = Walk<ExactDomain>(domain, second, clock).value();
  }
  bool known() const { return a && b; }
};

}  // namespace

Proof prove(const Term& gold, const Term& prediction, const Clock& clock,
            const RationalPoint& point) {
  Values values(gold, prediction, clock, point);
  if (!values.known() || clock.late()) return Proof::unknown;
  switch (ca_check_equal(values.a->get(), values.b->get(), values.context.get())) {
    case T_TRUE:
      return Proof::equal;
    case T_FALSE:
      return Proof::different;
    default:
      return Proof::unknown;
  }
}

std::optional<Fraction> found_rational(const Term& term, const Clock& clock) {
  Values values(term, term, clock, {});
  Fraction result;
  if (!values.known() || !ca_get_fmpq(result.get(), values.a->get(), values.context.get())) {
    return std::nullopt;
  }
  return result;
}

std::optional<int> order(const Term& a, const Term& b, const Clock& clock) {
  Values values(a, b, clock, {});
  if (!values.known()) return std::nullopt;
  ca_ctx_struct* context = values.context.get();
  if (ca_check_equal(values.a->get(), values.b->get(), context) == T_TRUE) return 0;
  switch (ca_check_lt(values.a->get(), values.b->get(), context)) {
    case T_TRUE:
      return -1;
    case T_FALSE:
      return ca_check_gt(values.a->get(), values.b->get(), context) == T_TRUE ? std::optional(1)
                                                                              : std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace reckon::rewards::math
