#include <optional>
#include <string>

#include "core/hash.h"
#include "rewards/math/compare.h"
#include "rewards/math/grade.h"
#include "rewards/math/normalise.h"
#include "rewards/math/rational_value.h"
#include "rewards/math/shape.h"

namespace reckon::rewards::math {
namespace {

/// A name for what stands beside a number: unit, degree sign or currency.
std::string unit_of(const Marks& marks) {
  if (marks.degrees) return "degree";
  if (!marks.unit.empty()) return marks.unit;
  if (marks.currency == "$") return "dollar";
  return marks.currency;
}

/// Rules 4 and 18 to 20: a percent sign that the gold does not show, two units that differ.
std::optional<Reason> compare_marks(const Marks& gold, const Marks& prediction) {
  if (prediction.percent && !gold.percent) return Reason::percent_mismatch;
  const std::string g = unit_of(gold);
  const std::string p = unit_of(prediction);
  if (!g.empty() && !p.empty() && g != p) return Reason::unit_mismatch;
  return std::nullopt;
}

/// Numbers of a few digits and their quotients, which most golds are, without any library.
std::optional<Reason> compare_small(const Tree& gold, const Tree& prediction) {
  const std::optional<Rational> g = small_value(gold, gold.root);
  const std::optional<Rational> p = g ? small_value(prediction, prediction.root) : std::nullopt;
  if (!p) return std::nullopt;
  if (*g == *p) {
    const bool same =
        gold.nodes.size() == prediction.nodes.size() && gold.numbers == prediction.numbers;
    return same ? Reason::equal_identical : Reason::equal_exact;
  }
  // Rule 2 may still find a fraction equal to a rounded gold.
  return prediction.at(prediction.root).op == Op::number ? std::optional(Reason::different)
                                                         : std::nullopt;
}

/// A hash of a tree, the same on every machine.
uint64_t hash_of(const Tree& tree) {
  uint64_t hash = 0;
  for (const Node& n : tree.nodes) {
    hash = mix64(hash ^ (static_cast<uint64_t>(n.op) * 256 + n.detail));
    if (n.op == Op::number) hash = mix64(hash ^ fnv1a(tree.numbers[n.index].digits));
    if (n.op == Op::symbol) hash = mix64(hash ^ fnv1a(tree.names[n.index]));
  }
  return hash;
}

Reason compare_trees(const Tree& gold, const Tree& prediction, const EqualityOptions& options,
                     const Clock& clock) {
  NormalForms forms;
  const std::vector<uint32_t> gold_forms = forms.add(gold);
  Term g{.tree = &gold, .forms = &gold_forms, .node = gold.root};
  Term p{.tree = &prediction, .forms = nullptr, .node = prediction.root};
  p.j_is_unit =
      contains_symbol(p, "j") && contains_constant(g, Constant::i) && !contains_symbol(g, "j");
  const std::vector<uint32_t> prediction_forms = forms.add(prediction, p.j_is_unit);
  p.forms = &prediction_forms;
  const Pair pair{options, clock, hash_of(gold)};
  const Reason reason = compare(g, p, pair);
  const bool logs = contains_function(g, Function::log) || contains_function(p, Function::log);
  if (is_equal(reason) || !logs) return reason;
  // Rule 32: the other base, the same on both sides.
  g.natural_log = p.natural_log = true;
  const Reason natural = compare(g, p, pair);
  return is_equal(natural) ? natural : reason;
}

Reason compare_readings(const Reading& gold, const Reading& prediction,
                        const EqualityOptions& options, const Clock& clock) {
  if (const auto reason = compare_marks(gold.marks, prediction.marks)) return *reason;
  return compare_trees(gold.tree, prediction.tree, options, clock);
}

Verdict verdict(Reason reason) {
  Verdict result;
  result.reason = reason;
  result.score = score_of(reason);
  return result;
}

/// The readings as they are where the prediction is one plain number.
std::optional<Reason> decide_fast(const std::vector<Reading>& gold,
                                  const std::vector<Reading>& prediction,
                                  const EqualityOptions& options) {
  if (gold.size() != 1 || prediction.size() != 1) return std::nullopt;
  if (options.require_evaluated && prediction[0].tree.nodes.size() > 4) return std::nullopt;
  const std::optional<Reason> reason = compare_small(gold[0].tree, prediction[0].tree);
  if (!reason) return std::nullopt;
  const auto marks = compare_marks(gold[0].marks, prediction[0].marks);
  return marks ? marks : reason;
}

}  // namespace

Verdict decide(const std::vector<Reading>& gold, const std::vector<Reading>& prediction,
               const EqualityOptions& options, int time_limit_ms) {
  if (gold.empty()) return verdict(Reason::gold_unreadable);
  if (prediction.empty()) return verdict(Reason::unreadable);
  if (const auto reason = decide_fast(gold, prediction, options)) return verdict(*reason);
  const Clock clock(time_limit_ms);
  std::optional<Reason> first;
  for (const Reading& g : gold) {
    for (const Reading& p : prediction) {
      const Reason reason = compare_readings(g, p, options, clock);
      if (is_equal(reason)) return verdict(reason);
      // A gold that fails in one reading alone has not failed.
      if (!first || first == Reason::gold_unreadable) first = reason;
    }
  }
  return verdict(*first);
}

}  // namespace reckon::rewards::math
