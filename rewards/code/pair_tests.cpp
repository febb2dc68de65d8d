#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <thread>

#include "core/error.h"
#include "rewards/code/runner_job.h"
#include "rewards/code/test_runner.h"
#include "sandbox/child_process.h"

namespace reckon::rewards::code {

namespace {

/// Two connected sockets.
struct SocketPair {
  SocketPair() {
    std::array<int, 2> ends{};
    check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0, ErrorCode::io,
          "expected a pair of sockets, got {}", std::strerror(errno));
    tests = sandbox::UniqueFd(ends[0]);
    submission = sandbox::UniqueFd(ends[1]);
  }
  sandbox::UniqueFd tests;
  sandbox::UniqueFd submission;
};

/// What a test may use, whatever the submission is allowed.
sandbox::Limits test_limits() { return sandbox::run_limits(sandbox::Language::python); }

/// What became of both boxes.
struct PairOutcome {
  sandbox::Outcome tests;
  sandbox::Outcome submission;
  bool not_started() const {
    return tests.outcome == sandbox::OutcomeKind::not_started ||
           submission.outcome == sandbox::OutcomeKind::not_started;
  }
};

class PairRunner : public TestRunner {
 public:
  PairRunner(sandbox::Sandbox& sandbox, const Submission& submission,
             const Specification& specification, const CodeOptions& options)
      : tests_box_(sandbox, {{runner_program("check.py")}, test_limits()}, options.per_test),
        submission_box_(
            sandbox,
            {{{"/prog/main.py", submission.source}, runner_program("call.py")}, submission.limits},
            options.per_test),
        limits_(submission.limits),
        specification_(specification) {}

  TestResult run(const TestCase& test, const Deadline& deadline) override {
    RunnerJob tests =
        runner_job({specification_.entry, specification_.prelude, specification_.setup, test.input},
                   deadline.within(test_limits()));
    RunnerJob submission =
        runner_job({specification_.entry, specification_.prelude, specification_.setup, ""},
                   deadline.within(limits_));
    PairOutcome outcome = run_pair(tests.run, submission.run);
    if (outcome.not_started()) outcome = run_pair(tests.run, submission.run);
    const TestResult result = judge(outcome, tests.token);
    return result.reason == Reason::passed ? passed_run(outcome.submission, limits_) : result;
  }

 private:
  /// Runs both until both have ended: the end of one closes the channel of the other.
  PairOutcome run_pair(sandbox::Run tests, sandbox::Run submission) {
    PairOutcome outcome;
    // Here, not in the other thread: a box ends with the thread that sets it up.
    if (!tests_box_.open(outcome.tests.message) ||
        !submission_box_.open(outcome.submission.message)) {
      return outcome;
    }
    const SocketPair sockets;
    tests.channel = sockets.tests.get();
    submission.channel = sockets.submission.get();
    submission.result_limit = 0;
    std::exception_ptr failure;
    std::thread other([&] {
      try {
        outcome.submission = submission_box_.run_opened(submission);
      } catch (...) {
        failure = std::current_exception();
      }
      shutdown(submission.channel, SHUT_RDWR);
    });
    try {
      outcome.tests = tests_box_.run_opened(tests);
    } catch (...) {
      shutdown(tests.channel, SHUT_RDWR);
      other.join();
      throw;
    }
    shutdown(tests.channel, SHUT_RDWR);
    other.join();
    if (failure) std::rethrow_exception(failure);
    return outcome;
  }

  static TestResult judge(const PairOutcome& outcome, const std::string& token) {
    using sandbox::OutcomeKind;
    for (const sandbox::Outcome* part : {&outcome.tests, &outcome.submission}) {
      if (part->outcome == OutcomeKind::not_started || part->outcome == OutcomeKind::cancelled) {
        return failed_run(*part);
      }
    }
    if (outcome.submission.outcome != OutcomeKind::ok) return failed_run(outcome.submission);
    if (outcome.tests.outcome != OutcomeKind::ok) {
      TestResult result = failed_run(outcome.tests);
      result.detail = "the test itself: " + result.detail;
      return result;
    }
    const auto frame = read_frame(outcome.tests.result_bytes, token);
    const JsonTree* verdict = frame ? frame->find("verdict") : nullptr;
    const JsonTree* why = frame ? frame->find("why") : nullptr;
    if (verdict == nullptr || why == nullptr) return {Reason::test_failed, "no verdict"};
    const Reason reason = verdict->text == "passed"       ? Reason::passed
                          : verdict->text == "unreadable" ? Reason::gold_unreadable
                          : verdict->text == "failed"     ? Reason::wrong_output
                                                          : Reason::test_failed;
    return {reason, why->text};
  }

  ProgramBox tests_box_;
  ProgramBox submission_box_;
  sandbox::Limits limits_;
  Specification specification_;
};

}  // namespace

std::unique_ptr<TestRunner> make_pair_runner(sandbox::Sandbox& sandbox,
                                             const Submission& submission,
                                             const Specification& specification,
                                             const CodeOptions& options) {
  return std::make_unique<PairRunner>(sandbox, submission, specification, options);
}

}  // namespace reckon::rewards::code
