#include "rewards/math/cancelling.h"

#include <algorithm>
#include <vector>

#include "rewards/math/rational_value.h"
#include "rewards/math/shape.h"

namespace reckon::rewards::math {
namespace {

constexpr slong kPrecision = 128;

struct Addend {
  Term term;
  bool negative = false;
};

/// The addends of `term` at the end of `list`; sums in sums are opened.
void open_sum(const Term& term, bool negative, std::vector<Addend>& list) {
  const Op op = term.at().op;
  if (op == Op::neg) return open_sum(term.child(0), !negative, list);
  if (op != Op::add) return list.push_back({term, negative});
  for (size_t i = 0; i < term.at().count; ++i) open_sum(term.child(i), negative, list);
}

/// Takes pairs of one form and opposite signs out; returns whether there were any.
bool cancel(std::vector<Addend>& list) {
  bool found = false;
  for (size_t i = 0; i < list.size();) {
    const auto other = std::find_if(
        list.begin() + static_cast<std::ptrdiff_t>(i) + 1, list.end(), [&](const Addend& addend) {
          return addend.term.form() == list[i].term.form() && addend.negative != list[i].negative;
        });
    if (other == list.end()) {
      ++i;
      continue;
    }
    list.erase(other);
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
    found = true;
  }
  return found;
}

/// Adds the rational addends up and takes them out.
Fraction take_rationals(std::vector<Addend>& list, const Clock& clock) {
  Fraction total;
  std::erase_if(list, [&](const Addend& addend) {
    const RationalValue found = rational_value(addend.term, clock);
    if (!found.value) return false;
    const auto step = addend.negative ? fmpq_sub : fmpq_add;
    step(total.get(), total.get(), found.value->get());
    return true;
  });
  return total;
}

}  // namespace

bool differs_after_cancelling(const Term& gold, const Term& prediction, const Clock& clock,
                              const SymbolValues& symbols) {
  if (gold.minus != prediction.minus) return false;
  // Step 1. gold - prediction as a list of addends, what is common gone.
  std::vector<Addend> list;
  open_sum(gold, false, list);
  open_sum(prediction, true, list);
  if (list.size() < 3) return false;
  const size_t size = list.size();
  cancel(list);
  const Fraction rational = take_rationals(list, clock);
  if (list.size() + (rational.is_zero() ? 0 : 1) >= size) return false;
  // Step 2. Its value.
  const bool complex =
      contains_constant(gold, Constant::i) || contains_constant(prediction, Constant::i);
  Ball total;
  acb_set_fmpq(total.get(), rational.get(), kPrecision);
  for (const Addend& addend : list) {
    const BallValue value = ball_value(addend.term, kPrecision, clock, symbols);
    if (!value.value || !acb_is_finite(value.value->get())) return false;
    // Outside of the reals the branches of roots may differ and say nothing.
    if (!value.real && !complex) return false;
    const auto step = addend.negative ? acb_sub : acb_add;
    step(total.get(), total.get(), value.value->get(), kPrecision);
  }
  return !acb_contains_zero(total.get());
}

}  // namespace reckon::rewards::math
