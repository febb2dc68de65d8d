#include "rewards/math/compare.h"

#include "rewards/math/matching.h"
#include "rewards/math/relations.h"
#include "rewards/math/scalars.h"
#include "rewards/math/sets.h"
#include "rewards/math/shape.h"

namespace reckon::rewards::math {
namespace {

bool is_relation(const Term& term) {
  return term.at().op == Op::relation || term.at().op == Op::chain;
}

bool is_collection(const Term& term) { return term.at().op == Op::list || term.at().op == Op::set; }

/// The items of a list or set, or the term itself; ± makes two of an item (rule 26).
std::vector<Term> items(const Term& term) {
  std::vector<Term> result;
  const size_t count = is_collection(term) ? term.at().count : 1;
  for (size_t i = 0; i < count; ++i) {
    Term item = is_collection(term) ? term.child(i) : term;
    const bool two = !item.sign_chosen && contains(item, Op::plus_minus);
    if (two) item = unwrap(item).term;
    item.sign_chosen = item.sign_chosen || two;
    result.push_back(item);
    if (two) {
      item.minus = true;
      result.push_back(item);
    }
  }
  return result;
}

/// Lists by count; a set without its doubles (rules 7 and 9).
Reason compare_collections(const Term& gold, const Term& prediction, const Pair& pair) {
  const Comparison equal = [&pair](const Term& g, const Term& p) { return compare(g, p, pair); };
  const auto distinct = [&](const Term& term) {
    std::vector<Term> all = items(term);
    if (term.at().op != Op::set) return all;
    std::vector<Term> result;
    for (const Term& item : all) {
      bool seen = false;
      for (const Term& other : result) seen = seen || is_equal(equal(other, item));
      if (!seen) result.push_back(item);
    }
    return result;
  };
  if (items(gold).size() > 2 * Guards::kItems) return Reason::gold_unreadable;
  if (items(prediction).size() > 2 * Guards::kItems) return Reason::guard;
  return match(distinct(gold), distinct(prediction), equal);
}

/// Tuples, matrices and ratios.
Reason compare_places(const Term& gold, const Term& prediction, const Pair& pair) {
  if (gold.at().op != prediction.at().op || gold.at().count != prediction.at().count ||
      gold.at().detail != prediction.at().detail) {
    return Reason::different;
  }
  Reason all = Reason::equal_identical;
  for (size_t i = 0; i < gold.at().count && is_equal(all); ++i) {
    all = both(all, compare(gold.child(i), prediction.child(i), pair));
  }
  return all;
}

/// Rule 24: digits and base must match; the prediction may leave the base out.
std::optional<Reason> compare_bases(const Term& gold, const Term& prediction) {
  const std::optional<Literal> g = literal(gold);
  const std::optional<Literal> p = literal(prediction);
  const bool gold_shown = g && g->number->base_shown;
  const bool shown = p && p->number->base_shown;
  if (!gold_shown && !shown) return std::nullopt;
  if (!g || !p || g->negative != p->negative || g->number->digits != p->number->digits ||
      g->number->exponent != p->number->exponent) {
    return Reason::different;
  }
  const bool equal = gold_shown && shown ? g->number->base == p->number->base
                                         : gold_shown || p->number->base == 10;
  return equal ? Reason::equal_exact : Reason::different;
}

/// Rule 27.
std::optional<Reason> compare_choices(const Term& gold, const Term& prediction) {
  if (gold.at().op != Op::choice && prediction.at().op != Op::choice) return std::nullopt;
  const auto letter = [](const Term& term) -> std::string {
    if (term.at().op == Op::choice) return {static_cast<char>('A' + term.at().detail)};
    return term.at().op == Op::symbol ? term.tree->names[term.at().index] : std::string();
  };
  return !letter(gold).empty() && letter(gold) == letter(prediction) ? Reason::equal_identical
                                                                     : Reason::different;
}

/// Rule 28.
std::optional<Reason> compare_texts(const Term& gold, const Term& prediction) {
  const bool words = gold.at().op == Op::text || prediction.at().op == Op::text;
  if (is_empty_answer(gold) || is_empty_answer(prediction)) {
    if (is_empty_answer(gold) && is_empty_answer(prediction)) return Reason::equal_text;
    return words ? std::optional(Reason::different) : std::nullopt;
  }
  if (!words) return std::nullopt;
  if (is_undefined_answer(gold) && is_undefined_answer(prediction)) return Reason::equal_text;
  return gold.form() == prediction.form() ? Reason::equal_text : Reason::different;
}

/// Rule 13: the gold is an inequality, or several, and the prediction a set of numbers.
bool is_inequality_against_set(const Term& gold, const Term& prediction) {
  bool inequalities = is_inequality(gold);
  if (gold.at().op == Op::list) {
    inequalities = true;
    for (size_t i = 0; i < gold.at().count; ++i) {
      inequalities = inequalities && is_inequality(gold.child(i));
    }
  }
  return inequalities && (is_interval_like(prediction) || prediction.at().op == Op::tuple);
}

/// Memberships and equations of one symbol are what they say of it (rules 14 and 15).
std::optional<Reason> compare_unwrapped(const Term& gold, const Term& prediction,
                                        const Pair& pair) {
  const Unwrapped g = unwrap(gold);
  const Unwrapped p = unwrap(prediction);
  if (g.name.empty() && p.name.empty()) return std::nullopt;
  // Rules 13 and 14 together: -2 <= x <= 7 and x in [-2, 7].
  if (g.name.empty() && prediction.at().op == Op::membership &&
      is_inequality_against_set(gold, p.term)) {
    const bool same_symbol = open_names(gold).contains(p.name);
    return same_symbol ? compare(gold, p.term, pair) : Reason::different;
  }
  // An equation that does not give the symbol is an equation still.
  if ((g.name.empty() && is_relation(gold)) || (p.name.empty() && is_relation(prediction))) {
    return std::nullopt;
  }
  const bool calls = g.name.find(' ') != std::string::npos || p.name.find(' ') != std::string::npos;
  if (!g.name.empty() && !p.name.empty() && g.name != p.name && !calls) return std::nullopt;
  return compare(g.term, p.term, pair);
}

bool is_set_of_reals(const Term& term) {
  return is_interval_like(term) || (term.at().op == Op::tuple && term.at().count == 2) ||
         term.at().op == Op::set;
}

Reason compare_numbers(const Term& gold, const Term& prediction, const Pair& pair) {
  if (const std::optional<Reason> reason = compare_bases(gold, prediction)) return *reason;
  return compare_scalars(gold, prediction, pair);
}

}  // namespace

Reason compare(const Term& gold, const Term& prediction, const Pair& pair) {
  if (pair.clock.late()) return Reason::undecided;
  // Step 1. What an equation or membership says.
  if (const std::optional<Reason> reason = compare_unwrapped(gold, prediction, pair)) {
    return *reason;
  }
  // Step 2. Letters and words.
  if (const std::optional<Reason> reason = compare_choices(gold, prediction)) return *reason;
  if (const std::optional<Reason> reason = compare_texts(gold, prediction)) return *reason;
  // Step 3. Several values in one.
  const bool signs = (!gold.sign_chosen && contains(gold, Op::plus_minus)) ||
                     (!prediction.sign_chosen && contains(prediction, Op::plus_minus));
  const bool identical = gold.form() == prediction.form() && gold.minus == prediction.minus;
  if (signs || (is_collection(gold) && is_collection(prediction))) {
    return identical ? Reason::equal_identical : compare_collections(gold, prediction, pair);
  }
  // Step 4. Sets of numbers, relations, places, numbers.
  if (is_inequality_against_set(gold, prediction) ||
      (is_set_of_reals(gold) && is_set_of_reals(prediction) &&
       (is_interval_like(gold) || is_interval_like(prediction)))) {
    return compare_sets(gold, prediction, pair);
  }
  if (is_relation(gold) || is_relation(prediction)) {
    return is_relation(gold) && is_relation(prediction) ? compare_relations(gold, prediction, pair)
                                                        : Reason::different;
  }
  if (is_scalar(gold) && is_scalar(prediction)) return compare_numbers(gold, prediction, pair);
  if (identical) return Reason::equal_identical;
  return compare_places(gold, prediction, pair);
}

}  // namespace reckon::rewards::math
