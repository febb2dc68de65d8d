#include "rewards/math/points.h"

#include <algorithm>
#include <array>
#include <bit>

#include "core/hash.h"
#include "core/philox.h"
#include "rewards/math/cancelling.h"
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
/// ones, 2 quadratic irrationals. All are below 8 in magnitude, as the size of powers assumes;
/// where that of `far` makes a ball too wide or infinite, the point says nothing.
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

/// The points of one pair: the 8 of `value_at`, where all symbols have one sign; 16 to 64 where
/// signs and sizes vary from symbol to symbol, or |x|+|y| would be |x+y|; and 6 of `far`. Those in
/// the middle run through an orthogonal array: the sign and the size of a symbol are each a column
/// of it, the parity of a mask and the point's number. All masks are different and have the highest
/// bit, so that any three of them are independent, and any three columns take each of their 8
/// patterns equally often.
class Points {
 public:
  Points(uint64_t seed, const std::set<std::string>& names)
      : seed_(seed), names_(names.begin(), names.end()) {
    while (bits_ < kMostBits && (1u << (bits_ - 1)) < 2 * names_.size()) ++bits_;
  }
  uint32_t count() const { return mixed_end() + kFar; }

  SymbolValues at(uint32_t point) const {
    return [this, point](std::string_view name, slong precision) {
      if (point < kPoints) return std::optional(value_at(seed_, name, point, precision));
      if (point >= mixed_end()) return std::optional(far(name, point, precision));
      return std::optional(mixed(name, point, precision));
    };
  }

 private:
  static constexpr uint32_t kMostBits = 6;
  static constexpr uint32_t kFar = 6;

  uint32_t mixed_end() const { return kPoints + (1u << bits_); }

  /// Two small integers, which tell a floor from a ceiling, and numbers far from 0 on both sides,
  /// for the corner of |x-1000|.
  Ball far(std::string_view name, uint32_t point, slong precision) const {
    constexpr std::array<slong, kFar> kScales{1, 1, 1 << 11, 1 << 11, 1 << 24, 1 << 24};
    const uint32_t place = point - mixed_end();
    const auto random = static_cast<slong>(draw(seed_, name, point));
    Fraction value;
    fmpq_set_si(value.get(), kScales[place] * (1 + random % 7), place < 2 ? 1 : 3);
    if (place % 2 == 1) fmpq_neg(value.get(), value.get());
    Ball result;
    acb_set_fmpq(result.get(), value.get(), precision);
    return result;
  }

  /// A rational from ±(0, 1) or ±[2, 7).
  Ball mixed(std::string_view name, uint32_t point, slong precision) const {
    const auto place = std::find(names_.begin(), names_.end(), name) - names_.begin();
    const uint32_t random = draw(seed_, name, point);
    const bool negative = column(2 * static_cast<uint32_t>(place), point, random >> 30);
    const bool large = column(2 * static_cast<uint32_t>(place) + 1, point, random >> 31);
    Fraction value;
    fmpq_set_si(value.get(), static_cast<slong>(large ? 128 + random % 320 : 1 + random % 63), 64);
    if (negative) fmpq_neg(value.get(), value.get());
    Ball result;
    acb_set_fmpq(result.get(), value.get(), precision);
    return result;
  }
  /// Random where the symbols are more than the array has columns.
  bool column(uint32_t number, uint32_t point, uint32_t random) const {
    const uint32_t top = 1u << (bits_ - 1);
    if (number >= top) return random % 2 == 1;
    return std::popcount((top | number) & (point - kPoints)) % 2 == 1;
  }

  uint64_t seed_;
  std::vector<std::string> names_;
  uint32_t bits_ = 4;
};

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

Look look(const Term& gold, const Term& prediction, const SymbolValues& symbols, const Pair& pair) {
  Look result;
  for (const slong precision : kPrecisions) {
    const BallValue g = ball_value(gold, precision, pair.clock, symbols);
    const BallValue p = ball_value(prediction, precision, pair.clock, symbols);
    const Fault fault = g.value ? p.fault : g.fault;
    // Unsupported: the larger of values that are not real.
    if (fault == Fault::undefined || fault == Fault::unsupported) return result;
    if (fault != Fault::none) {
      result.failed = true;
      result.failure = reason_of(fault, !g.value);
      return result;
    }
    if (!acb_is_finite(g.value->get()) || !acb_is_finite(p.value->get())) continue;
    result.real = g.real && p.real;
    if (!acb_overlaps(g.value->get(), p.value->get())) {
      result.sight = Sight::apart;
      return result;
    }
    if (is_close(*g.value, *p.value, precision)) result.sight = Sight::agrees;
  }
  return result;
}

/// At all points. Where an expression without i is not real it is outside its domain, and domains
/// are not compared (rule 36): such a point counts only if too few others do.
Reason compare_at_points(const Term& gold, const Term& prediction,
                         const std::set<std::string>& names, const Pair& pair) {
  const Points points(pair.seed, names);
  const bool complex =
      contains_constant(gold, Constant::i) || contains_constant(prediction, Constant::i);
  int real_agree = 0;
  int other_agree = 0;
  bool other_apart = false;
  for (uint32_t point = 0; point < points.count(); ++point) {
    if (pair.clock.late()) return Reason::undecided;
    const Look seen = look(gold, prediction, points.at(point), pair);
    if (seen.failed) return seen.failure;
    const bool counts = complex || seen.real;
    if (seen.sight == Sight::apart && counts) return Reason::different;
    if (seen.sight == Sight::apart) other_apart = true;
    if (seen.sight == Sight::agrees) ++(counts ? real_agree : other_agree);
  }
  const bool agrees = real_agree + (other_apart ? 0 : other_agree) >= kCounting;
  if (agrees && differs_after_cancelling(gold, prediction, pair.clock, points.at(0))) {
    return Reason::different;
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
  return compare_at_points(gold, prediction, names, pair);
}

Reason proportional_at_points(const Term& gold_left, const Term& gold_right, const Term& left,
                              const Term& right, bool positive, const Pair& pair) {
  constexpr slong kPrecision = 512;
  std::set<std::string> names;
  bool complex = false;
  for (const Term* term : {&gold_left, &gold_right, &left, &right}) {
    names.merge(open_names(*term));
    complex = complex || contains_constant(*term, Constant::i);
  }
  const Points points(pair.seed, names);
  std::optional<Ball> first;
  int counting = 0;
  for (uint32_t point = 0; point < points.count(); ++point) {
    if (pair.clock.late()) return Reason::undecided;
    const SymbolValues symbols = points.at(point);
    std::array<Ball, 4> sides;
    bool finite = true;
    size_t place = 0;
    for (const Term* term : {&gold_left, &gold_right, &left, &right}) {
      BallValue value = ball_value(*term, kPrecision, pair.clock, symbols);
      if (!value.value && value.fault != Fault::undefined) {
        return reason_of(value.fault, place < 2);
      }
      finite = finite && value.value && acb_is_finite(value.value->get());
      // Outside of its domain an expression says nothing (rule 36).
      finite = finite && (complex || value.real);
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
