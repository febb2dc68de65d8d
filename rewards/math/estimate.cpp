#include "rewards/math/estimate.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <string_view>

namespace reckon::rewards::math {
namespace {

constexpr double kHuge = std::numeric_limits<double>::infinity();

/// Upper bounds of one node.
struct Size {
  double above = 0;      ///< bits of the numerator, or of the magnitude
  double below = 0;      ///< bits of the denominator
  double upper = 1;      ///< of the magnitude itself
  double work = 1;       ///< evaluations of nodes, sums counted out
  bool symbols = false;  ///< some value is not fixed
};

struct Bound {
  std::string_view name;
  double upper;
};

class Estimate {
 public:
  explicit Estimate(const Term& term) : term_(term) {}

  bool computable() {
    const Size size = at(term_.node, 0);
    return ok_ && size.work <= ValueGuards::kWork;
  }
  double most_bits() {
    at(term_.node, 0);
    return ok_ ? most_ : kHuge;
  }

 private:
  Size at(uint32_t node, int depth);
  Size number(const Number& number) const;
  Size symbol(uint32_t node) const;
  Size power(const Size& base, const Size& exponent);
  Size function(Function name, const std::vector<Size>& values);
  Size repeated(uint32_t node, int depth);
  Size added(const std::vector<Size>& values) const;
  Size multiplied(const std::vector<Size>& values) const;
  Size combine(const Node& n, const std::vector<Size>& values);
  Size factorial(const Size& argument);

  /// Notes that a limit is passed.
  void limit(bool within) { ok_ = ok_ && within; }
  static Size from_bits(double bits) {
    return {.above = bits, .below = 0, .upper = std::exp2(bits)};
  }

  Term term_;
  std::vector<Bound> bound_;
  bool ok_ = true;
  double most_ = 0;
};

Size Estimate::number(const Number& number) const {
  const double bits_of_digit = std::log2(static_cast<double>(number.base));
  const double length = static_cast<double>(number.digits.size());
  Size size;
  size.above = length * bits_of_digit;
  double value = 0;
  const char* end = number.digits.data() + number.digits.size();
  if (length <= 15 && number.base == 10 &&
      std::from_chars(number.digits.data(), end, value).ec == std::errc()) {
    size.above = std::log2(std::max(value, 1.0));
  } else {
    value = std::exp2(size.above);
  }
  const double shift = number.exponent * bits_of_digit;
  size.above += std::max(shift, 0.0);
  size.below = std::max(-shift, 0.0);
  size.upper = value * std::exp2(shift);
  return size;
}

Size Estimate::symbol(uint32_t node) const {
  const Node& n = term_.tree->at(node);
  if (n.op == Op::symbol) {
    for (auto it = bound_.rbegin(); it != bound_.rend(); ++it) {
      if (it->name != term_.tree->names[n.index]) continue;
      return {.above = std::log2(std::max(it->upper, 1.0)), .below = 0, .upper = it->upper};
    }
  }
  // Points have at most 20 bits; only small ones stand in exponents.
  return {.above = 21, .below = 8, .upper = 16, .work = 1, .symbols = true};
}

Size Estimate::added(const std::vector<Size>& values) const {
  Size size{.above = 0, .below = 0, .upper = 0};
  for (const Size& value : values) {
    size.above = std::max(size.above, value.above);
    size.below += value.below;
    size.upper += value.upper;
  }
  size.above += size.below + std::log2(static_cast<double>(values.size()) + 1);
  return size;
}

Size Estimate::multiplied(const std::vector<Size>& values) const {
  Size size;
  for (const Size& value : values) {
    size.above += value.above;
    size.below += value.below;
    size.upper *= value.upper;
  }
  return size;
}

Size Estimate::power(const Size& base, const Size& exponent) {
  const double bits = std::max(base.above, base.below);
  // 0 · ∞: the powers of 1 and 0 are small whatever the exponent.
  const double result = bits == 0 ? 0 : bits * exponent.upper;
  limit(result <= ValueGuards::kPowerBits);
  if (base.symbols) limit(exponent.upper <= ValueGuards::kSymbolExponent);
  Size size = from_bits(result);
  size.below = result;
  return size;
}

Size Estimate::factorial(const Size& argument) {
  const double n = argument.symbols ? 32 : argument.upper;
  limit(n <= ValueGuards::kFactorial + 0.5);
  if (!ok_) return {};
  // ln n! <= (n + 1/2) ln n - n + 1.
  const double least = std::max(n, 1.0);
  const double natural = (least + 0.5) * std::log(least) - least + 1;
  return from_bits(natural * std::numbers::log2e);
}

Size Estimate::function(Function name, const std::vector<Size>& values) {
  if (values.empty()) return {};
  const Size& x = values[0];
  switch (name) {
    case Function::exp:
    case Function::sinh:
    case Function::cosh:
    case Function::csch:
    case Function::sech:
    case Function::coth: {
      const double bits = 1.4427 * x.upper + 1;
      limit(bits <= ValueGuards::kPowerBits);
      return {.above = bits, .below = bits, .upper = std::exp2(bits)};
    }
    case Function::gcd:
    case Function::lcm:
    case Function::min:
    case Function::max:
      return multiplied(values);
    case Function::floor:
    case Function::ceil:
    case Function::abs:
    case Function::re:
    case Function::im:
    case Function::conj: {
      Size size = x;
      size.upper += 1;
      size.above += 1;
      return size;
    }
    default:
      // Tangents near a pole and logarithms are never far from this.
      return {.above = 64, .below = 64, .upper = std::max(64.0, x.above + 4)};
  }
}

Size Estimate::repeated(uint32_t node, int depth) {
  const auto children = term_.tree->children_of(node);
  if (children.size() != 4 || term_.tree->at(children[0]).op != Op::symbol) return {};
  const Size lower = at(children[1], depth + 1);
  const Size upper = at(children[2], depth + 1);
  // Bounds with symbols are never counted out.
  if (lower.symbols || upper.symbols)
    return {.above = 21, .below = 8, .upper = 16, .symbols = true};
  double terms = lower.upper + upper.upper + 1;
  const Node& first = term_.tree->at(children[1]);
  const Node& last = term_.tree->at(children[2]);
  if (first.op == Op::number && last.op == Op::number) {
    terms = std::max(0.0, upper.upper - lower.upper + 1);
  }
  limit(terms <= ValueGuards::kTerms);
  if (!ok_) return {};
  bound_.push_back(
      {term_.tree->names[term_.tree->at(children[0]).index], std::max(lower.upper, upper.upper)});
  const Size body = at(children[3], depth + 1);
  bound_.pop_back();
  Size size = body;
  const bool product = term_.tree->at(node).op == Op::prod;
  size.work = 1 + terms * body.work;
  size.below = terms * body.below;
  size.above = product ? terms * body.above : body.above + size.below + std::log2(terms + 1);
  size.upper = product ? std::exp2(size.above) : terms * body.upper;
  return size;
}

Size Estimate::combine(const Node& n, const std::vector<Size>& values) {
  switch (n.op) {
    case Op::add:
      return added(values);
    case Op::mul:
      return multiplied(values);
    case Op::neg:
    case Op::plus_minus:
      return values[0];
    case Op::div: {
      // A divisor of b/c is at least 1/c.
      return {.above = values[0].above + values[1].below,
              .below = values[0].below + values[1].above,
              .upper = values[0].upper * std::exp2(values[1].below)};
    }
    case Op::pow:
      return power(values[0], values[1]);
    case Op::root:
      return values[0];
    case Op::func:
      return function(static_cast<Function>(n.detail), values);
    case Op::factorial:
      return factorial(values[0]);
    case Op::binom: {
      limit(values[0].symbols || values[0].upper <= ValueGuards::kFactorial + 0.5);
      const double bits = values[0].symbols ? 64 * 21 : std::min(values[0].upper, 1e5);
      return from_bits(bits + 64 * (values[0].above + values[0].below));
    }
    case Op::mod:
      return values[1];
    case Op::constant:
      return {.above = 2, .below = 0, .upper = 3.2};
    default: {
      // Containers: the largest of what they hold. A determinant multiplies at most 5 cells.
      Size size;
      for (const Size& value : values) {
        size.above = std::max(size.above, 6 * value.above);
        size.below += 6 * value.below;
        size.upper = std::max(size.upper, value.upper);
      }
      return size;
    }
  }
}

Size Estimate::at(uint32_t node, int depth) {
  limit(depth <= ValueGuards::kDepth);
  if (!ok_) return {};
  const Node& n = term_.tree->at(node);
  if (n.op == Op::number) {
    const Size size = number(term_.tree->numbers[n.index]);
    limit(size.above <= ValueGuards::kPowerBits && size.below <= ValueGuards::kPowerBits);
    most_ = std::max({most_, size.above, size.below});
    return size;
  }
  if (n.op == Op::symbol) return symbol(node);
  if (n.op == Op::sum || n.op == Op::prod) {
    const Size size = repeated(node, depth);
    limit(size.above <= ValueGuards::kBits && size.below <= ValueGuards::kBits);
    return size;
  }
  std::vector<Size> values;
  for (const uint32_t child : term_.tree->children_of(node)) {
    values.push_back(at(child, depth + 1));
    if (!ok_) return {};
  }
  Size size = n.op == Op::call ? symbol(node) : combine(n, values);
  size.work = 1;
  for (const Size& value : values) {
    size.work += value.work;
    size.symbols = size.symbols || value.symbols;
  }
  most_ = std::max({most_, size.above, size.below});
  // NaN, from 0 · ∞, fails these as well.
  limit(size.above <= ValueGuards::kBits && size.below <= ValueGuards::kBits);
  return size;
}

}  // namespace

bool is_computable(const Term& term) { return Estimate(term).computable(); }

double predicted_bits(const Term& term) { return Estimate(term).most_bits(); }

}  // namespace reckon::rewards::math
