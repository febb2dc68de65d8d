#include "sandbox/verdict.h"

#include <doctest/doctest.h>
#include <signal.h>

using namespace reckon::sandbox;

namespace {

// Wait statuses as the kernel writes them.
int exited(int code) { return code << 8; }
int signalled(int signal) { return signal; }

Outcome decided(const Evidence& evidence, const std::string& error = {}) {
  Outcome outcome;
  outcome.stderr_bytes = error;
  decide(evidence, Limits(), outcome);
  return outcome;
}

Evidence ended(int status, bool counted = true) {
  Evidence evidence;
  evidence.counted = counted;
  evidence.report = InitReport();
  evidence.report->wait_status = status;
  return evidence;
}

}  // namespace

TEST_CASE("what the judge did comes before what the kernel counted and how the program ended") {
  Evidence evidence = ended(signalled(SIGSYS));
  evidence.usage.oom_kills = 1;
  evidence.killed = OutcomeKind::output_limit;
  CHECK(decided(evidence).outcome == OutcomeKind::output_limit);
  evidence.killed.reset();
  CHECK(decided(evidence).outcome == OutcomeKind::memory_limit);
  evidence.usage.oom_kills = 0;
  CHECK(decided(evidence).outcome == OutcomeKind::denied);
}

TEST_CASE("the limits come in the order denied, cpu, file, process, status") {
  Evidence evidence = ended(signalled(SIGXFSZ));
  evidence.usage.cpu_s = 100.0;
  evidence.usage.refused_forks = 1;
  CHECK(decided(evidence).outcome == OutcomeKind::cpu_limit);
  evidence.usage.cpu_s = 0.0;
  CHECK(decided(evidence).outcome == OutcomeKind::file_limit);
  evidence.report->wait_status = exited(1);
  CHECK(decided(evidence).outcome == OutcomeKind::process_limit);
  evidence.usage.refused_forks = 0;
  CHECK(decided(evidence).outcome == OutcomeKind::nonzero_exit);
}

TEST_CASE("a refused fork does not spoil a program that ended well") {
  Evidence evidence = ended(exited(0));
  evidence.usage.refused_forks = 3;
  CHECK(decided(evidence).outcome == OutcomeKind::ok);
}

TEST_CASE("a child that ran out of memory spoils a program that ended well") {
  Evidence evidence = ended(exited(0));
  evidence.usage.oom_kills = 1;
  CHECK(decided(evidence).outcome == OutcomeKind::memory_limit);
}

TEST_CASE("CPU time above the limit at the end is cpu_limit even with status 0") {
  Evidence evidence = ended(exited(0));
  evidence.usage.cpu_s = Limits().cpu_s + 0.1;
  CHECK(decided(evidence).outcome == OutcomeKind::cpu_limit);
}

TEST_CASE("without a group the program's last words are evidence, and the guess is marked") {
  const auto memory = decided(ended(exited(1), false), "MemoryError\n");
  CHECK(memory.outcome == OutcomeKind::memory_limit);
  CHECK(memory.inferred);
  const auto processes = decided(ended(exited(1), false), "Resource temporarily unavailable\n");
  CHECK(processes.outcome == OutcomeKind::process_limit);
  CHECK(processes.inferred);
  const auto plain = decided(ended(exited(1), false), "ValueError\n");
  CHECK(plain.outcome == OutcomeKind::nonzero_exit);
  CHECK_FALSE(plain.inferred);
  const auto counted = decided(ended(exited(1), true), "MemoryError\n");
  CHECK(counted.outcome == OutcomeKind::nonzero_exit);
  const auto fine = decided(ended(exited(0), false), "MemoryError\n");
  CHECK(fine.outcome == OutcomeKind::ok);
}

TEST_CASE("a run without a report of init has not started") {
  Evidence evidence;
  evidence.counted = true;
  const auto lost = decided(evidence);
  CHECK(lost.outcome == OutcomeKind::not_started);
  CHECK_FALSE(lost.message.empty());
}

TEST_CASE("every outcome and language has a name of its own") {
  CHECK(to_string(OutcomeKind::ok) == "ok");
  CHECK(to_string(OutcomeKind::cancelled) == "cancelled");
  CHECK(to_string(OutcomeKind::file_limit) == "file_limit");
  CHECK(language_from("c++") == Language::cpp);
  CHECK(language_from("cpp") == Language::cpp);
  CHECK(language_from("bash") == Language::bash);
  CHECK_FALSE(language_from("ruby").has_value());
}
