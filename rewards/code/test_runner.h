#pragma once

#include <memory>
#include <string>

#include "rewards/code/code_options.h"
#include "rewards/code/program_box.h"
#include "rewards/code/specification.h"
#include "rewards/code/test_case.h"
#include "sandbox/sandbox.h"

namespace reckon::rewards::code {

/// A submission and what its tests share.
struct Submission {
  sandbox::Language language = sandbox::Language::python;
  std::string source;
  sandbox::Limits limits;
};

/// Runs the tests of one kind, one at a time.
class TestRunner {
 public:
  virtual ~TestRunner() = default;
  virtual TestResult run(const TestCase& test, const Deadline& deadline) = 0;
};

/// Tests of printed text. `prepared` is the submission, ready to run.
std::unique_ptr<TestRunner> make_text_runner(sandbox::Sandbox& sandbox,
                                             const sandbox::Prepared& prepared,
                                             const Submission& submission,
                                             const Specification& specification,
                                             const CodeOptions& options);

/// Calls of a Python function.
std::unique_ptr<TestRunner> make_call_runner(sandbox::Sandbox& sandbox,
                                             const Submission& submission,
                                             const Specification& specification,
                                             const CodeOptions& options);

/// Tests that are code: the test runs in one box, the submission in another.
std::unique_ptr<TestRunner> make_pair_runner(sandbox::Sandbox& sandbox,
                                             const Submission& submission,
                                             const Specification& specification,
                                             const CodeOptions& options);

}  // namespace reckon::rewards::code
