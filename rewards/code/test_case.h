#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rewards/code/value_compare.h"
#include "rewards/verdict.h"
#include "sandbox/sandbox.h"

namespace reckon::rewards::code {

/// One test of a program.
struct TestCase {
  enum class Kind : uint8_t {
    text,  ///< `input` goes to standard input, `output` is what must be printed
    call,  ///< `input` is a call in Python, `expected` what it must return
    code,  ///< `input` is a test in Python that calls the entry point itself
  };
  Kind kind = Kind::text;
  std::string input = {};
  std::string output = {};
  Expected expected = {};
};

/// What became of one test: `passed`, a reason of score 0, or a reason of no score.
struct TestResult {
  Reason reason = Reason::not_started;
  std::string detail = {};  ///< "time_limit", "expected 3, got 4"; diagnostics behind it
  bool near_limit = false;  ///< it passed with more than 80 % of its CPU time
};

/// The result of a run that did not end `ok`, with the first 2 KiB of what it wrote to stderr.
TestResult failed_run(const sandbox::Outcome& outcome);

/// The result of a test that a run with this outcome passed.
TestResult passed_run(const sandbox::Outcome& outcome, const sandbox::Limits& limits);

/// Most bytes of diagnostics that a verdict shows.
inline constexpr size_t kMostDiagnosticBytes = 2048;

/// `text` in at most about 200 bytes, valid UTF-8, for messages.
std::string shortened(std::string_view text);

}  // namespace reckon::rewards::code
