#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/philox.h"

namespace reckon::tasks {

/// One step of a function: what is done to the value so far.
struct FunctionStep {
  char sign = '+';  // one of + - *
  int64_t number = 1;

  bool operator==(const FunctionStep&) const = default;
};

/// A function of x, worked out step by step: "x plus 2 times 3" is (x + 2) * 3.
using StepFunction = std::vector<FunctionStep>;

/// f(x). Steps of the range below never leave 64 bits.
int64_t function_value(const StepFunction& function, int64_t x);

/// The function in words: "x plus 2 times 3".
std::string function_words(const StepFunction& function);

/// A Python program that defines `f`, with blanks between all words: with `grouped`, every step but
/// the last in parentheses, so that it means the function; without, only the order of the words is
/// kept, and Python multiplies first.
std::string function_program(const StepFunction& function, bool grouped);

/// Whether the program without parentheses means another function.
bool needs_grouping(const StepFunction& function);

/// Which use a function is kept for, by a hash of its words. The three are disjoint; expected
/// shares: 40 % pretraining, 45 % RL, 15 % held out.
enum class FunctionSplit { pretraining, rl, held_out };
FunctionSplit function_split(const StepFunction& function);

/// Which functions are drawn: every step has an equal chance of each sign, and a number from 1 to
/// `max_number`.
struct FunctionRange {
  int64_t steps = 3;
  int64_t max_number = 9;
};

/// A function of the split, drawn with equal chances.
StepFunction draw_function(const FunctionRange& range, FunctionSplit split, RandomSequence& random);

}  // namespace reckon::tasks
