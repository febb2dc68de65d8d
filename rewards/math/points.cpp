#include "rewards/math/points.h"

#include <array>

#include "core/hash.h"
#include "core/philox.h"
#include "rewards/math/constants.h"
#include "rewards/math/evaluate_ball.h"
#include "rewards/math/polynomial.h"
#include "rewards/math/shape.h"

namespace reckon::rewards::math {
namespace {

constexpr std::array<slong, 3> kPrecisions{128, 256, 1024};
constexpr int kCounting = 4;
constexpr slong kCorrectBits = 200;
constexpr uint32_t kPoints = 8;

/// 32 random bits for a symbol at a point. They depend on the gold alone.
uint32_t draw(uint64_t seed, std::string_view name, uint32_t point) {
  const uint64_t hash = fnv1a(name);
  const auto low = static_cast<uint32_t>(hash);
  const auto high = static_cast<uint32_t>(hash >> 32);
  return philox4x32_10({point, low, high, 0},
                       {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)})[0];
}

/// An integer from [2^16, 2^20].
Fraction integer_at(uint64_t seed, std::string_view name, uint32_t point) {
  constexpr uint32_t kLow = 1u << 16;
  constexpr uint32_t kHigh = 1u << 20;
  Fraction value;
  fmpq_set_si(value.get(), kLow + draw(seed, name, 100 + point) % (kHigh - kLow + 1), 1);
  return value;
}

/// The value of a symbol at point 0 to 7: 4 positive rationals, half of them below 1, 2 negative
/// ones, 2 quadratic irrationals. All are below 8 in magnitude, as the size of powers assumes.
Ball value_at(uint64_t seed, std::string_view name, uint32_t point, slong precision) {
  const uint32_t bits = draw(seed, name, point);
  const bool small = point == 0 || point == 1 || point == 4;
  Fraction rational;
  fmpq_set_si(rational.get(), 1 + static_cast<slong>(bits % (small ? 61 : 383)), 64);
  if (point == 4 || point == 5) fmpq_neg(rational.get(), rational.get());
  Ball result;
  if (point < 6) {
    acb_set_fmpq(result.get(), rational.get(), precision);
    return result;
  }
  constexpr std::array<ulong, 8> kPrimes{2, 3, 5, 7, 11, 13, 17, 19};
  acb_set_ui(result.get(), kPrimes[bits % kPrimes.size()]);
  acb_sqrt(result.get(), result.get(), precision);
  // The first lies between 0 and 1.1, the second between 1.4 and 7.4.
  acb_div_ui(result.get(), result.get(), point == 6 ? 4 : 1, precision);
  if (point == 7) {
    acb_add_ui(result.get(), result.get(), (bits >> 8) % 4, precision);
  }
  return result;
}

SymbolValues values_at(uint64_t seed, uint32_t point) {
  return [seed, point](std::string_view name, slong precision) {
    return std::optional<Ball>(value_at(seed, name, point, precision));
  };
}

Reason compare_at_integers(const Term& gold, const Term& prediction, const Pair& pair) {
  Reason all = Reason::equal_exact;
  int counting = 0;
  for (uint32_t point = 0; point < 6 && counting < 3; ++point) {
    const RationalPoint values = [&pair, point](std::string_view name) {
      return std::optional<Fraction>(integer_at(pair.seed, name, point));
    };
    const Reason reason = compare_constants(gold, prediction, pair, values);
    // A pole of either side tells nothing.
    if (reason == Reason::gold_unreadable || reason == Reason::unreadable) continue;
    if (!is_equal(reason)) return reason;
    all = both(all, reason);
    ++counting;
  }
  return counting > 0 ? both(all, Reason::equal_numeric) : Reason::undecided;
}

/// What one point says.
enum class Sight : uint8_t { nothing, agrees, apart };

struct Look {
  Sight sight = Sight::nothing;
  bool real = false;
  Reason failure = Reason::different;  ///< set if the sizes or the time failed
  bool failed = false;
};

/// Whether the difference of two balls is below 2^-200 of the larger.
bool is_close(const Ball& a, const Ball& b, slong precision) {
  Ball difference;
  acb_sub(difference.get(), a.get(), b.get(), precision);
  mag_t size;
  mag_t scale;
  mag_init(size);
  mag_init(scale);
  acb_get_mag(size, difference.get());
  acb_get_mag(scale, a.get());
  if (mag_cmp_2exp_si(scale, 0) < 0) mag_one(scale);
  mag_mul_2exp_si(scale, scale, -kCorrectBits);
  const bool close = mag_cmp(size, scale) < 0;
  mag_clear(size);
  mag_clear(scale);
  return close;
}

Look look(const Term& gold, const Term& prediction, uint32_t point, const Pair& pair) {
  Look result;
  const SymbolValues symbols = values_at(pair.seed, point);
  for (const slong precision : kPrecisions) {
    const BallValue g = ball_value(gold, precision, pair.clock, symbols);
    const BallValue p = ball_value(prediction, precision, pair.clock, symbols);
    const Fault fault = g.value ? p.fault : g.fault;
    if (fault == Fault::undefined) return result;
    if (fault != Fault::none) {
      result.failed = true;
      result.failure = reason_of(fault, !g.value);
      return result;
    }
    if (!acb_is_finite(g.value->get()) || !acb_is_finite(p.value->get())) continue;
    result.real = acb_is_real(g.value->get()) && acb_is_real(p.value->get());
    if (!acb_overlaps(g.value->get(), p.value->get())) {
      result.sight = Sight::apart;
      return result;
    }
    if (is_close(*g.value, *p.value, precision)) result.sight = Sight::agrees;
  }
  return result;
}

/// At 8 points. Where an expression without i is not real it is outside its domain, and domains are
/// not compared (rule 36): such a point counts only if too few others do.
Reason compare_at_points(const Term& gold, const Term& prediction, const Pair& pair) {
  const bool complex =
      contains_constant(gold, Constant::i) || contains_constant(prediction, Constant::i);
  int real_agree = 0;
  int other_agree = 0;
  bool other_apart = false;
  for (uint32_t point = 0; point < kPoints; ++point) {
    if (pair.clock.late()) return Reason::undecided;
    const Look seen = look(gold, prediction, point, pair);
    if (seen.failed) return seen.failure;
    const bool counts = complex || seen.real;
    if (seen.sight == Sight::apart && counts) return Reason::different;
    if (seen.sight == Sight::apart) other_apart = true;
    if (seen.sight == Sight::agrees) ++(counts ? real_agree : other_agree);
  }
  if (real_agree >= kCounting) return Reason::equal_numeric;
  if (other_apart) return Reason::different;
  return real_agree + other_agree >= kCounting ? Reason::equal_numeric : Reason::undecided;
}

}  // namespace

bool is_rational_in_symbols(const Term& term) {
  if (open_names(term).empty()) return true;
  switch (term.at().op) {
    case Op::symbol:
    case Op::call:
      return true;
    case Op::add:
    case Op::mul:
    case Op::neg:
    case Op::plus_minus:
    case Op::div:
    case Op::determinant:
      break;
    case Op::pow: {
      Term exponent = term.child(1);
      if (exponent.at().op == Op::neg) exponent = exponent.child(0);
      if (exponent.at().op != Op::number ||
          exponent.tree->numbers[exponent.at().index].exponent < 0) {
        return false;
      }
      return is_rational_in_symbols(term.child(0));
    }
    default:
      return false;
  }
  for (size_t i = 0; i < term.at().count; ++i) {
    if (!is_rational_in_symbols(term.child(i))) return false;
  }
  return true;
}

Reason compare_open(const Term& gold, const Term& prediction, const std::set<std::string>& names,
                    const Pair& pair) {
  if (const std::optional<bool> equal = equal_quotients(gold, prediction, names, pair)) {
    return *equal ? Reason::equal_exact : Reason::different;
  }
  if (is_rational_in_symbols(gold) && is_rational_in_symbols(prediction)) {
    return compare_at_integers(gold, prediction, pair);
  }
  return compare_at_points(gold, prediction, pair);
}

Reason proportional_at_points(const Term& gold_left, const Term& gold_right, const Term& left,
                              const Term& right, bool positive, const Pair& pair) {
  constexpr slong kPrecision = 512;
  std::optional<Ball> first;
  int counting = 0;
  for (uint32_t point = 0; point < kPoints; ++point) {
    if (pair.clock.late()) return Reason::undecided;
    const SymbolValues symbols = values_at(pair.seed, point);
    std::array<Ball, 4> sides;
    bool finite = true;
    size_t place = 0;
    for (const Term* term : {&gold_left, &gold_right, &left, &right}) {
      BallValue value = ball_value(*term, kPrecision, pair.clock, symbols);
      if (!value.value && value.fault != Fault::undefined) {
        return reason_of(value.fault, place < 2);
      }
      finite = finite && value.value && acb_is_finite(value.value->get());
      if (finite) sides[place++] = std::move(*value.value);
    }
    if (!finite) continue;
    Ball f;
    Ball g;
    acb_sub(f.get(), sides[0].get(), sides[1].get(), kPrecision);
    acb_sub(g.get(), sides[2].get(), sides[3].get(), kPrecision);
    if (acb_contains_zero(f.get()) || acb_contains_zero(g.get())) continue;
    acb_div(g.get(), g.get(), f.get(), kPrecision);
    if (positive && !arb_is_positive(acb_realref(g.get()))) return Reason::different;
    if (!first) first = g;
    if (!acb_overlaps(first->get(), g.get())) return Reason::different;
    if (is_close(*first, g, kPrecision)) ++counting;
  }
  return counting >= kCounting ? Reason::equal_numeric : Reason::undecided;
}

}  // namespace reckon::rewards::math
