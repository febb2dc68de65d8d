#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/countdown.h"
#include "tasks/trace_report.h"

namespace reckon::tasks {

/// The 170 words of Countdown texts in the order of their ids: marks and signs (0-19), then the
/// integers 0 to 149 (20-169).
std::vector<std::string> countdown_vocabulary();

/// The ids of `<bos> a b c target T`.
std::vector<int32_t> countdown_prompt_ids(const CountdownProblem& problem);

/// How an answer is written: `( l op r ) op z`, or as two equations, `l op r = h h op z = T`.
enum class CountdownForm { expression, steps };

/// What a trace does. The first `patience` branches are searched until a leaf equals the target;
/// if none does, `fallback` is answered.
struct CountdownTrace {
  /// Branches that are searched at most: 0 answers at once, 9 always finds.
  int patience = 0;
  /// The solution that is answered when the search did not find one.
  CountdownLeaf fallback;
  /// Values above this are written `big`.
  int max_target = 50;
  CountdownForm form = CountdownForm::expression;
};

/// The ids of the completion, `<think>` to `<eos>`: the search, then a right answer.
std::vector<int32_t> countdown_trace_ids(const CountdownProblem& problem,
                                         const CountdownTrace& trace);

/// Joins the words of `ids` with single spaces. Ids must be below the size of the vocabulary.
std::string countdown_text(std::span<const int32_t> ids);

/// Reads what a completion did; the words of the search may be of either language. Never throws:
/// any text has a report. The answer is compared with the forms that the corpora have, `( l op r )
/// op z`, `z - ( l op r )` and two equations; other forms count as wrong here, whatever the reward
/// says. Linear in the text.
TraceReport read_trace(std::string_view completion, const std::array<int, 3>& numbers, int target);

}  // namespace reckon::tasks
