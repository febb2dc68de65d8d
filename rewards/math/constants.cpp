#include "rewards/math/constants.h"

#include <algorithm>

#include "rewards/math/cancelling.h"
#include "rewards/math/evaluate_ball.h"

namespace reckon::rewards::math {

Reason reason_of(Fault fault, bool of_gold) {
  switch (fault) {
    case Fault::undefined:
      return of_gold ? Reason::gold_unreadable : Reason::unreadable;
    case Fault::guard:
      return of_gold ? Reason::gold_unreadable : Reason::guard;
    default:
      return Reason::undecided;
  }
}

namespace {

constexpr int kLastStepMs = 200;

/// Two balls of one precision: apart, or nothing yet.
struct Meeting {
  std::optional<Reason> reason;
  std::optional<Ball> difference;
  slong magnitude = 0;
};

Meeting meet(const Term& gold, const Term& prediction, slong precision, const Pair& pair,
             const SymbolValues& symbols) {
  Meeting result;
  const BallValue g = ball_value(gold, precision, pair.clock, symbols);
  if (!g.value) {
    result.reason = reason_of(g.fault, true);
    return result;
  }
  const BallValue p = ball_value(prediction, precision, pair.clock, symbols);
  if (!p.value) {
    result.reason = reason_of(p.fault, false);
    return result;
  }
  if (!acb_is_finite(g.value->get()) || !acb_is_finite(p.value->get())) return result;
  if (!acb_overlaps(g.value->get(), p.value->get())) {
    result.reason = Reason::different;
    return result;
  }
  Ball difference;
  acb_sub(difference.get(), g.value->get(), p.value->get(), precision);
  result.difference = std::move(difference);
  result.magnitude = std::max(g.magnitude, p.magnitude);
  return result;
}

/// Whether the balls agree to 2000 bits of the largest value met on the way. The relative measure
/// tells 1/2004! from 1/2006!.
bool agrees(const Meeting& meeting, slong bits) {
  if (!meeting.difference) return false;
  mag_t size;
  mag_init(size);
  acb_get_mag(size, meeting.difference->get());
  const bool small = mag_cmp_2exp_si(size, meeting.magnitude - bits) < 0;
  mag_clear(size);
  return small;
}

}  // namespace

Reason compare_constants(const Term& gold, const Term& prediction, const Pair& pair,
                         const RationalPoint& point) {
  const SymbolValues symbols = [&point](std::string_view name, slong precision) {
    std::optional<Ball> result;
    const std::optional<Fraction> value = point ? point(name) : std::nullopt;
    if (!value) return result;
    result.emplace();
    acb_set_fmpq(result->get(), value->get(), precision);
    return result;
  };
  // Step 1. Balls end nearly every wrong answer, with proof.
  for (const slong precision : {64, 256}) {
    const Meeting meeting = meet(gold, prediction, precision, pair, symbols);
    if (meeting.reason) return *meeting.reason;
  }
  // Step 2. Calcium proves nearly every right one.
  switch (prove(gold, prediction, pair.clock, point)) {
    case Proof::equal:
      return Reason::equal_exact;
    case Proof::different:
      return Reason::different;
    case Proof::unknown:
      break;
  }
  // Step 3. What it cannot decide is decided by many digits, in a time of their own: whether
  // Calcium was slow must not change the verdict.
  const Clock own(kLastStepMs);
  if (differs_after_cancelling(gold, prediction, own, symbols)) return Reason::different;
  const Pair last{pair.options, own, pair.seed};
  for (const slong precision : {1024, 4096}) {
    const Meeting meeting = meet(gold, prediction, precision, last, symbols);
    if (meeting.reason) return *meeting.reason;
    if (precision == 4096 && agrees(meeting, 2000)) return Reason::equal_numeric;
  }
  return Reason::undecided;
}

}  // namespace reckon::rewards::math
