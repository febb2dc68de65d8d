#include <fmt/format.h>

#include "rewards/code/runner_job.h"
#include "rewards/code/test_runner.h"

namespace reckon::rewards::code {

namespace {

std::string text_of(const JsonTree& tree, std::string_view name) {
  const JsonTree* found = tree.find(name);
  return found == nullptr ? "" : found->text;
}

class CallRunner : public TestRunner {
 public:
  CallRunner(sandbox::Sandbox& sandbox, const Submission& submission,
             const Specification& specification, const CodeOptions& options)
      : box_(sandbox,
             {{{"/prog/main.py", submission.source}, runner_program("call.py")}, submission.limits},
             options.per_test),
        limits_(submission.limits),
        entry_(specification.entry),
        prelude_(specification.prelude),
        setup_(specification.setup) {}

  TestResult run(const TestCase& test, const Deadline& deadline) override {
    // A case of a list names its function only in the call.
    const std::string entry = test.input.substr(0, test.input.find('('));
    const RunnerJob job = runner_job(
        {entry_.empty() ? entry : entry_, prelude_, setup_, test.input}, deadline.within(limits_));
    const sandbox::Outcome outcome = box_.run(job.run);
    if (outcome.outcome != sandbox::OutcomeKind::ok) return failed_run(outcome);
    const auto frame = read_frame(outcome.result_bytes, job.token);
    if (!frame) {
      sandbox::Outcome broken = outcome;
      broken.outcome = sandbox::OutcomeKind::protocol_error;
      return failed_run(broken);
    }
    if (frame->find("error") != nullptr) {
      return {Reason::test_failed,
              shortened(text_of(*frame, "error") + ": " + text_of(*frame, "text"))};
    }
    const TestResult result = compare(test, *frame);
    return result.reason == Reason::passed ? passed_run(outcome, limits_) : result;
  }

 private:
  static TestResult compare(const TestCase& test, const JsonTree& frame) {
    const JsonTree* tree = frame.find("value");
    const auto value = tree == nullptr ? std::nullopt : unpack_value(*tree);
    if (!value) return {Reason::test_failed, "protocol_error: a value that cannot be read"};
    if (as_expected(test.expected, *value)) return {Reason::passed, ""};
    return {Reason::wrong_output, fmt::format("{}: expected {}, got {}", shortened(test.input),
                                              shortened(python_text(test.expected.value)),
                                              shortened(python_text(*value)))};
  }

  ProgramBox box_;
  sandbox::Limits limits_;
  std::string entry_;
  std::string prelude_;
  std::string setup_;
};

}  // namespace

std::unique_ptr<TestRunner> make_call_runner(sandbox::Sandbox& sandbox,
                                             const Submission& submission,
                                             const Specification& specification,
                                             const CodeOptions& options) {
  return std::make_unique<CallRunner>(sandbox, submission, specification, options);
}

}  // namespace reckon::rewards::code
