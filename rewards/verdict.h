#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reckon::rewards {

/// Why a grader decided as it did. Every reason is a counter in the metrics and has a test that
/// produces it.
enum class Reason : uint8_t {
  // Score 1.
  equal_identical,  ///< the same tree after normalisation
  equal_exact,      ///< proved equal
  equal_numeric,    ///< agreement at high precision, not proved
  equal_text,       ///< the same text after folding
  passed,           ///< every test of a program passed
  // Score 0: a fault of the answer.
  different,
  no_region,         ///< there is no part of the completion in which answers count
  no_answer,         ///< the part in which answers count holds none
  bad_box,           ///< the last box is empty or never closed
  unreadable,        ///< the answer is no mathematics that the parser knows
  guard,             ///< the answer is larger than a limit of the grader
  percent_mismatch,  ///< a percent sign where the gold has none
  unit_mismatch,     ///< both name a unit, and not the same
  not_evaluated,     ///< the answer only restates the task
  undecided,         ///< neither equality nor difference could be shown
  timeout,           ///< the grader ran past its deadline
  worker_died,       ///< two grading workers ended over this answer
  wrong_output,      ///< a program ran, and its output or value is not the expected one
  test_failed,       ///< a program did not run to its end; the outcome says how
  compile_error,     ///< a program did not compile
  // No score: a fault of the data or of the machinery.
  gold_unreadable,
  not_started,  ///< the sandbox could not be set up
  cancelled,
};

/// The names of the reasons, in their order.
inline constexpr std::array<std::string_view, 23> kReasonNames{
    "equal_identical",
    "equal_exact",
    "equal_numeric",
    "equal_text",
    "passed",
    "different",
    "no_region",
    "no_answer",
    "bad_box",
    "unreadable",
    "guard",
    "percent_mismatch",
    "unit_mismatch",
    "not_evaluated",
    "undecided",
    "timeout",
    "worker_died",
    "wrong_output",
    "test_failed",
    "compile_error",
    "gold_unreadable",
    "not_started",
    "cancelled",
};

/// The name of `reason` as written above.
constexpr std::string_view to_string(Reason reason) {
  return kReasonNames[static_cast<size_t>(reason)];
}

/// What a grader says of one answer. A bad answer is a value, never an exception. `score` is empty
/// where the sample does not count: a fault of the data or of the machinery.
struct Verdict {
  std::optional<double> score;
  Reason reason = Reason::cancelled;
  std::string extracted;  ///< what was read from the completion, shown next to the gold
  std::string gold;       ///< what it was compared with
  std::string detail;     ///< more for a reader, such as "test 3 of 5: time_limit"; may be empty
};

/// The score that belongs to `reason`: 1, 0, or nothing.
constexpr std::optional<double> score_of(Reason reason) {
  if (reason <= Reason::passed) return 1.0;
  if (reason <= Reason::compile_error) return 0.0;
  return std::nullopt;
}

}  // namespace reckon::rewards
