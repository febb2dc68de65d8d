#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "rewards/math/grade.h"
#include "rewards/math/tree.h"

namespace reckon::rewards::math {

/// Limits that the evaluators check before they call a library; those of the text are in `Guards`.
struct ValueGuards {
  static constexpr double kPowerBits = 131072;       ///< of an integer power
  static constexpr double kBits = 524288;            ///< of any other value
  static constexpr double kSymbolExponent = 1000;    ///< literal exponent of a base with symbols
  static constexpr double kFactorial = 10000;        ///< argument of a factorial or binomial
  static constexpr double kTerms = 10000;            ///< of a finite sum or product
  static constexpr double kWork = 100000;            ///< terms times nodes of the body
  static constexpr size_t kVariables = 8;            ///< of a polynomial
  static constexpr double kDegree = 64;              ///< total degree of a polynomial
  static constexpr double kMonomials = 20000;        ///< C(n + d, d) of a polynomial
  static constexpr double kFractionMonomials = 300;  ///< where a common divisor is to be found
  static constexpr int kDepth = 256;                 ///< of a tree, each level a recursion
};

/// Says when the time of one pair is over. Checked between steps.
class Clock {
 public:
  explicit Clock(int time_limit_ms)
      : end_(std::chrono::steady_clock::now() + std::chrono::milliseconds(time_limit_ms)) {}
  bool late() const { return std::chrono::steady_clock::now() > end_; }

 private:
  std::chrono::steady_clock::time_point end_;
};

/// A part of a reading under the choices that have been made for it. `tree` and `forms` must
/// outlive it.
struct Term {
  const Tree* tree = nullptr;
  const std::vector<uint32_t>* forms = nullptr;  ///< normal form of each node
  uint32_t node = 0;
  bool minus = false;        ///< ± means minus, ∓ means plus (rule 26)
  bool sign_chosen = false;  ///< `minus` has been set: the term stands for one value
  bool natural_log = false;  ///< \log is to base e, else 10 (rule 32)
  bool j_is_unit = false;    ///< the symbol j is the imaginary unit (rule 30)

  const Node& at() const { return tree->at(node); }
  uint32_t form() const { return (*forms)[node]; }
  std::span<const uint32_t> children() const { return tree->children_of(node); }
  /// The same choices for another node.
  Term with(uint32_t other) const {
    Term term = *this;
    term.node = other;
    return term;
  }
  Term child(size_t place) const { return with(children()[place]); }
};

/// What every comparison of one pair shares.
struct Pair {
  const EqualityOptions& options;
  const Clock& clock;
  uint64_t seed = 0;  ///< of the points, from the gold alone
};

/// Whether `reason` gives score 1.
constexpr bool is_equal(Reason reason) { return reason <= Reason::passed; }

/// The reason for several parts together: the weakest proof if all are equal, else the first that
/// is not.
constexpr Reason both(Reason a, Reason b) {
  if (!is_equal(a)) return a;
  if (!is_equal(b)) return b;
  return a > b ? a : b;
}

}  // namespace reckon::rewards::math
