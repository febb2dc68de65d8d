#include "rewards/code/test_case.h"

#include <fmt/format.h>

#include "core/utf8.h"

namespace reckon::rewards::code {

namespace {

constexpr size_t kMostShownBytes = 200;

}  // namespace

TestResult failed_run(const sandbox::Outcome& outcome) {
  TestResult result;
  result.reason = outcome.outcome == sandbox::OutcomeKind::not_started ? Reason::not_started
                  : outcome.outcome == sandbox::OutcomeKind::cancelled ? Reason::cancelled
                                                                       : Reason::test_failed;
  result.detail = sandbox::to_string(outcome.outcome);
  const std::string& text =
      result.reason == Reason::test_failed ? outcome.stderr_bytes : outcome.message;
  if (!text.empty()) {
    result.detail += "\n" + replace_invalid_utf8(text.substr(0, kMostDiagnosticBytes));
  }
  return result;
}

TestResult passed_run(const sandbox::Outcome& outcome, const sandbox::Limits& limits) {
  return {Reason::passed, "", outcome.cpu_s > 0.8 * limits.cpu_s};
}

std::string shortened(std::string_view text) {
  if (text.size() <= kMostShownBytes) return replace_invalid_utf8(text);
  std::string_view begin = text.substr(0, kMostShownBytes);
  begin.remove_suffix(cut_utf8_size(begin));
  return fmt::format("{}... ({} bytes)", replace_invalid_utf8(begin), text.size());
}

}  // namespace reckon::rewards::code
