#include "tasks/functions.h"

#include "core/error.h"
#include "core/hash.h"

namespace reckon::tasks {

namespace {

constexpr std::string_view kSigns = "+-*";

std::string_view word_of(char sign) {
  if (sign == '+') return "plus";
  return sign == '-' ? "minus" : "times";
}

}  // namespace

int64_t function_value(const StepFunction& function, int64_t x) {
  for (const FunctionStep& step : function) {
    if (step.sign == '+') x += step.number;
    if (step.sign == '-') x -= step.number;
    if (step.sign == '*') x *= step.number;
  }
  return x;
}

std::string function_words(const StepFunction& function) {
  std::string text = "x";
  for (const FunctionStep& step : function) {
    text += fmt::format(" {} {}", word_of(step.sign), step.number);
  }
  return text;
}

std::string function_program(const StepFunction& function, bool grouped) {
  std::string body = "x";
  for (size_t i = 0; i < function.size(); ++i) {
    if (grouped && i > 0) body = fmt::format("( {} )", body);
    body += fmt::format(" {} {}", function[i].sign, function[i].number);
  }
  return fmt::format("def f ( x ) : return {}", body);
}

bool needs_grouping(const StepFunction& function) {
  for (size_t i = 1; i < function.size(); ++i) {
    const bool product = function[i].sign == '*' && function[i].number != 1;
    if (product && function[i - 1].sign != '*') return true;
  }
  return false;
}

FunctionSplit function_split(const StepFunction& function) {
  const uint64_t share = mix64(fnv1a(function_words(function))) % 100;
  if (share < 15) return FunctionSplit::held_out;
  return share < 60 ? FunctionSplit::rl : FunctionSplit::pretraining;
}

StepFunction draw_function(const FunctionRange& range, FunctionSplit split,
                           RandomSequence& random) {
  constexpr int kMostDraws = 10'000;  // every split holds at least a seventh of all functions
  for (int i = 0; i < kMostDraws; ++i) {
    StepFunction function;
    for (int64_t step = 0; step < range.steps; ++step) {
      const char sign = kSigns[random.next_below(static_cast<uint32_t>(kSigns.size()))];
      const auto number = random.next_below(static_cast<uint32_t>(range.max_number));
      function.push_back({sign, 1 + static_cast<int64_t>(number)});
    }
    if (function_split(function) == split) return function;
  }
  fail(ErrorCode::invalid_argument,
       "expected a range with functions of every split, got {} steps with numbers to {}",
       range.steps, range.max_number);
}

}  // namespace reckon::tasks
