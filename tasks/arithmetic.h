#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/philox.h"

namespace reckon::tasks {

/// A chain of operations, worked out from left to right: `numbers[0] signs[0] numbers[1] ...`. A
/// product can only stand first, so that left to right is also the usual precedence. No value on
/// the way is negative.
struct ArithmeticExpression {
  std::vector<int64_t> numbers;  // one more than signs
  std::vector<char> signs;       // each one of + - *

  bool operator==(const ArithmeticExpression&) const = default;
};

/// The expression as text: "12 + 7 - 5".
std::string arithmetic_text(const ArithmeticExpression& expression);

/// Its value.
int64_t arithmetic_value(const ArithmeticExpression& expression);

/// One text for all expressions that ask for the same sums: factors and terms are sorted, so
/// `7 + 12 - 5` and `12 - 5 + 7` have the same one.
std::string arithmetic_canonical(const ArithmeticExpression& expression);

/// Which use a problem is kept for. The three are disjoint.
enum class ArithmeticSplit { pretraining, rl, held_out };

/// The split of an expression, from a hash of its canonical form: neither another order nor a story
/// around it brings a held-out problem into training. Expected shares: 20 %, 70 %, 10 %.
ArithmeticSplit arithmetic_split(const ArithmeticExpression& expression);

/// Which expressions are drawn.
struct ArithmeticRange {
  std::vector<char> operations = {'+', '-', '*'};  // each equally likely, where it can stand
  std::vector<int64_t> steps = {1, 2};             // how many operations, each equally likely
  int64_t max_number = 50;                         // numbers are 2 to this
  int64_t max_factor = 12;                         // factors are 2 to this
};

/// Draws an expression, or nothing where the chain came to an end: no operation of the range can
/// follow the value reached. Single numbers are left out, so that stories can speak of several.
std::optional<ArithmeticExpression> draw_arithmetic(const ArithmeticRange& range,
                                                    RandomSequence& random);

/// The question as a bare expression: "What is 12 + 7 - 5?". `random` chooses the wording.
std::string arithmetic_question(const ArithmeticExpression& expression, RandomSequence& random);

/// The question as a short story with the same numbers in the same order. `random` chooses person,
/// things and wording.
std::string arithmetic_story(const ArithmeticExpression& expression, RandomSequence& random);

}  // namespace reckon::tasks
