#include <fmt/format.h>

#include <utility>

#include "rewards/code/test_runner.h"

namespace reckon::rewards::code {

namespace {

/// Runs the checkers of one problem, each in a box of its own.
class CheckerRunner {
 public:
  CheckerRunner(sandbox::Sandbox& sandbox, const std::optional<Checker>& checker)
      : sandbox_(sandbox) {
    if (!checker) return;
    limits_ = sandbox::run_limits(checker->language);
    prepared_ = sandbox::prepare(sandbox, checker->language, checker->source);
  }

  TestResult check(const TestCase& test, const std::string& output) {
    if (prepared_.compilation.outcome != sandbox::OutcomeKind::ok) {
      TestResult failed = failed_run(prepared_.compilation);
      // A checker that does not compile is a fault of the data.
      if (failed.reason == Reason::test_failed) failed.reason = Reason::gold_unreadable;
      return failed;
    }
    sandbox::BoxOptions options{prepared_.files, limits_};
    options.files.push_back({"/prog/test/input", test.input});
    options.files.push_back({"/prog/test/output", output});
    options.files.push_back({"/prog/test/expected", test.output});
    sandbox::Run run;
    run.argv = prepared_.argv;
    for (size_t i = prepared_.files.size(); i < options.files.size(); ++i) {
      run.argv.push_back(options.files[i].path);
    }
    run.limits = limits_;
    run.result_limit = 64;
    ProgramBox box(sandbox_, std::move(options));
    const sandbox::Outcome outcome = box.run(run);
    // A checker that fails over an output is taken as a no: a program could make it fail.
    if (outcome.outcome != sandbox::OutcomeKind::ok) {
      TestResult failed = failed_run(outcome);
      failed.detail = "the checker: " + failed.detail;
      return failed;
    }
    const size_t end = outcome.result_bytes.find_last_not_of(" \r\n");
    const bool accepted = outcome.result_bytes.substr(0, end + 1) == "1";
    return {accepted ? Reason::passed : Reason::wrong_output, "refused by the checker"};
  }

 private:
  sandbox::Sandbox& sandbox_;
  sandbox::Limits limits_;
  sandbox::Prepared prepared_;
};

class TextRunner : public TestRunner {
 public:
  TextRunner(sandbox::Sandbox& sandbox, const sandbox::Prepared& prepared,
             const Submission& submission, const Specification& specification,
             const CodeOptions& options)
      : box_(sandbox, {prepared.files, submission.limits}, options.per_test),
        argv_(prepared.argv),
        limits_(submission.limits),
        comparator_(options.comparator),
        checker_(sandbox,
                 comparator_.rule == TextRule::checker ? specification.checker : std::nullopt) {}

  TestResult run(const TestCase& test, const Deadline& deadline) override {
    sandbox::Run run;
    run.argv = argv_;
    run.input = test.input;
    run.limits = deadline.within(limits_);
    const sandbox::Outcome outcome = box_.run(run);
    if (outcome.outcome != sandbox::OutcomeKind::ok) return failed_run(outcome);
    if (comparator_.rule == TextRule::checker) return checker_.check(test, outcome.stdout_bytes);
    if (same_text(test.output, outcome.stdout_bytes, comparator_)) {
      return passed_run(outcome, limits_);
    }
    return {Reason::wrong_output, fmt::format("expected {}, got {}", shortened(test.output),
                                              shortened(outcome.stdout_bytes))};
  }

 private:
  ProgramBox box_;
  std::vector<std::string> argv_;
  sandbox::Limits limits_;
  TextComparator comparator_;
  CheckerRunner checker_;
};

}  // namespace

std::unique_ptr<TestRunner> make_text_runner(sandbox::Sandbox& sandbox,
                                             const sandbox::Prepared& prepared,
                                             const Submission& submission,
                                             const Specification& specification,
                                             const CodeOptions& options) {
  return std::make_unique<TextRunner>(sandbox, prepared, submission, specification, options);
}

}  // namespace reckon::rewards::code
