#include "sandbox/verdict.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstring>
#include <initializer_list>

namespace reckon::sandbox {
namespace {

constexpr double kNearLimit = 0.9;

bool mentions(const Outcome& outcome, std::initializer_list<std::string_view> texts) {
  return std::any_of(texts.begin(), texts.end(), [&](std::string_view text) {
    return outcome.stderr_bytes.find(text) != std::string::npos;
  });
}

// Without a group nobody counted what the kernel refused: the program's own words are the evidence.
// A program can make this wrong, but only from one failure to another.
std::optional<OutcomeKind> infer(const Limits& limits, const Outcome& outcome) {
  const bool near = static_cast<double>(outcome.peak_memory_bytes) >=
                    kNearLimit * static_cast<double>(limits.memory_bytes);
  if ((outcome.signal == SIGKILL && near) ||
      mentions(outcome,
               {"MemoryError", "std::bad_alloc", "Cannot allocate memory", "memory exhausted"})) {
    return OutcomeKind::memory_limit;
  }
  if (mentions(outcome, {"Resource temporarily unavailable", "can't start new thread"})) {
    return OutcomeKind::process_limit;
  }
  return {};
}

OutcomeKind from_status(const Outcome& outcome) {
  if (outcome.signal != 0) return OutcomeKind::signal;
  return outcome.exit_code == 0 ? OutcomeKind::ok : OutcomeKind::nonzero_exit;
}

// The order is the precedence.
OutcomeKind kind(const Evidence& evidence, const Limits& limits, Outcome& outcome) {
  if (evidence.killed) return *evidence.killed;
  if (evidence.usage.oom_kills > 0) return OutcomeKind::memory_limit;
  if (!evidence.report || evidence.report->exec_error != 0) return OutcomeKind::not_started;
  if (outcome.signal == SIGSYS) return OutcomeKind::denied;
  if (outcome.signal == SIGXCPU || outcome.cpu_s > limits.cpu_s) return OutcomeKind::cpu_limit;
  if (outcome.signal == SIGXFSZ) return OutcomeKind::file_limit;
  if (!evidence.counted && outcome.peak_memory_bytes > limits.memory_bytes) {
    // A short program can end between two looks at its memory.
    outcome.inferred = true;
    return OutcomeKind::memory_limit;
  }
  const OutcomeKind plain = from_status(outcome);
  if (plain == OutcomeKind::ok) return plain;
  if (evidence.usage.refused_forks > 0) return OutcomeKind::process_limit;
  if (evidence.counted) return plain;
  const auto inferred = infer(limits, outcome);
  outcome.inferred = inferred.has_value();
  return inferred.value_or(plain);
}

}  // namespace

void decide(const Evidence& evidence, const Limits& limits, Outcome& outcome) {
  outcome.cpu_s = evidence.usage.cpu_s;
  outcome.peak_memory_bytes = evidence.usage.peak_memory_bytes;
  outcome.peak_processes = evidence.usage.peak_processes;
  if (evidence.report) {
    const InitReport& report = *evidence.report;
    if (!evidence.counted) {
      outcome.cpu_s = static_cast<double>(report.cpu_us) * 1e-6;
      outcome.peak_memory_bytes = std::max(outcome.peak_memory_bytes, report.peak_kib << 10);
    }
    // A short run can end between two looks.
    if (report.exec_error == 0)
      outcome.peak_processes = std::max(outcome.peak_processes, int64_t{1});
    const bool ended = report.exec_error == 0 && !evidence.killed;
    if (ended && WIFEXITED(report.wait_status)) outcome.exit_code = WEXITSTATUS(report.wait_status);
    if (ended && WIFSIGNALED(report.wait_status)) outcome.signal = WTERMSIG(report.wait_status);
    if (report.exec_error != 0) {
      outcome.message =
          std::string("the program could not be started: ") + std::strerror(report.exec_error);
    }
  } else if (!evidence.killed) {
    outcome.message = "the box ended before the program did";
  }
  if (!evidence.counted && evidence.killed == OutcomeKind::memory_limit) outcome.inferred = true;
  outcome.outcome = kind(evidence, limits, outcome);
}

}  // namespace reckon::sandbox
