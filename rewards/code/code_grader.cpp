#include "rewards/code/code_grader.h"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "rewards/code/code_options.h"
#include "rewards/code/program_text.h"
#include "rewards/code/specification.h"
#include "rewards/code/test_runner.h"

namespace reckon::rewards {

namespace {

using code::CodeOptions;
using code::Specification;
using code::TestCase;
using code::TestResult;

bool is_word(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// Whether some line without indent defines `name` or imports it.
bool defines(std::string_view source, std::string_view name) {
  while (!source.empty()) {
    const size_t end = std::min(source.find('\n'), source.size());
    std::string_view line = source.substr(0, end);
    source.remove_prefix(std::min(end + 1, source.size()));
    const bool import = line.starts_with("from ") || line.starts_with("import ");
    for (const std::string_view word : {"async ", "def ", "class "}) {
      if (line.starts_with(word)) line.remove_prefix(word.size());
    }
    const size_t at = import ? line.find(name) : line.starts_with(name) ? 0 : line.npos;
    if (at != line.npos && (at + name.size() == line.size() || !is_word(line[at + name.size()]))) {
      return true;
    }
  }
  return false;
}

/// The program to grade: a bare answer, or what the completion holds.
code::ProgramText program_of(const nlohmann::json& request, const CodeOptions& options,
                             sandbox::Language language) {
  code::ProgramText program;
  const auto text_of = [&](const char* key) {
    const auto found = request.find(key);
    return found != request.end() && found->is_string() ? found->get_ptr<const std::string*>()
                                                        : nullptr;
  };
  if (const std::string* answer = text_of("answer")) {
    program.text = *answer;
    program.found = true;
  } else if (const std::string* completion = text_of("completion")) {
    program = code::find_program(*completion, language, options.region, options.think_prefilled,
                                 options.style);
  } else {
    fail(ErrorCode::invalid_argument, "expected `completion` or `answer`, got neither, in request");
  }
  if (program.found && program.text.find_first_not_of(" \t\r\n") == std::string::npos) {
    program = {};
  }
  return program;
}

/// The object that holds the options: the member `options`, or the request itself.
const nlohmann::json& options_of(const nlohmann::json& request) {
  check(request.is_object(), ErrorCode::invalid_argument, "expected an object, got {}, in request",
        request.type_name());
  const auto found = request.find("options");
  return found != request.end() && found->is_object() ? *found : request;
}

Verdict without_tests(Verdict verdict, Reason reason, std::string detail) {
  verdict.reason = reason;
  verdict.score = score_of(reason);
  verdict.detail = std::move(detail);
  return verdict;
}

/// Runs tests of all kinds; a runner is set up by the first test of its kind.
class Examination {
 public:
  Examination(sandbox::Sandbox& sandbox, code::Submission submission,
              const Specification& specification, const CodeOptions& options)
      : sandbox_(sandbox),
        submission_(std::move(submission)),
        specification_(specification),
        options_(options),
        deadline_(options.total_s) {}

  /// Builds the program where printed text is tested. Anything but `passed` is the verdict.
  TestResult build() {
    prepared_ = sandbox::prepare(sandbox_, submission_.language, submission_.source);
    if (prepared_.compilation.outcome == sandbox::OutcomeKind::not_started) {
      prepared_ = sandbox::prepare(sandbox_, submission_.language, submission_.source);
    }
    const sandbox::Outcome& outcome = prepared_.compilation;
    deadline_ = code::Deadline(options_.total_s);  // building has limits of its own
    if (outcome.outcome == sandbox::OutcomeKind::ok) return {Reason::passed, ""};
    TestResult result = code::failed_run(outcome);
    if (result.reason == Reason::test_failed) {
      result = {Reason::compile_error,
                replace_invalid_utf8(outcome.message.substr(0, code::kMostDiagnosticBytes))};
    }
    return result;
  }

  TestResult run(const TestCase& test) {
    if (deadline_.passed()) return {Reason::test_failed, "time_limit of all tests together"};
    auto& runner = runners_.at(static_cast<size_t>(test.kind));
    if (!runner) runner = make_runner(test.kind);
    return runner->run(test, deadline_);
  }

 private:
  std::unique_ptr<code::TestRunner> make_runner(TestCase::Kind kind) {
    switch (kind) {
      case TestCase::Kind::text:
        return code::make_text_runner(sandbox_, prepared_, submission_, specification_, options_);
      case TestCase::Kind::call:
        return code::make_call_runner(sandbox_, submission_, specification_, options_);
      case TestCase::Kind::code:
        break;
    }
    return code::make_pair_runner(sandbox_, submission_, specification_, options_);
  }

  sandbox::Sandbox& sandbox_;
  code::Submission submission_;
  const Specification& specification_;
  const CodeOptions& options_;
  code::Deadline deadline_;
  sandbox::Prepared prepared_;
  std::array<std::unique_ptr<code::TestRunner>, 3> runners_;
};

/// Runs the tests and fills score, reason and detail.
void run_tests(Examination& examination, const Specification& specification,
               const CodeOptions& options, Verdict& verdict) {
  const size_t given = specification.tests.size();
  const size_t total =
      options.max_tests > 0 ? std::min(given, static_cast<size_t>(options.max_tests)) : given;
  size_t passed = 0;
  size_t run = 0;
  size_t near_limit = 0;
  verdict.reason = Reason::passed;
  for (const TestCase& test : specification.tests) {
    if (run == total) break;
    const TestResult result = examination.run(test);
    ++run;
    near_limit += result.near_limit;
    if (result.reason == Reason::passed) {
      ++passed;
      continue;
    }
    const bool no_score = !score_of(result.reason).has_value();
    if (verdict.reason == Reason::passed || no_score) {
      verdict.reason = result.reason;
      verdict.detail = fmt::format("test {} of {}: {}", run, total, result.detail);
    }
    if (no_score || !options.fraction) break;
  }
  if (verdict.reason == Reason::passed) {
    verdict.detail = fmt::format("{} of {} tests passed", passed, total);
  }
  if (near_limit > 0) verdict.detail += fmt::format(" ({} near_limit)", near_limit);
  if (total < given) verdict.detail += fmt::format(" (of {} given)", given);
  verdict.score = score_of(verdict.reason);
  if (verdict.score && options.fraction) {
    verdict.score = static_cast<double>(passed) / static_cast<double>(total);
  }
}

}  // namespace

Verdict grade_code(sandbox::Sandbox& sandbox, const nlohmann::json& request,
                   code::SplitMemory& memory) {
  Verdict verdict;
  const nlohmann::json& given = options_of(request);
  const CodeOptions options = code::read_options(given);
  // Step 1. The tests. Their faults come before those of the program.
  const auto columns = request.find("columns");
  Specification specification = code::read_specification(
      columns != request.end() && columns->is_object() ? *columns : request, options);
  if (!specification.fault.empty()) {
    return without_tests(verdict, Reason::gold_unreadable, specification.fault);
  }
  if (!specification.unsplit.empty()) {
    code::SplitTests split = memory.split(sandbox, specification);
    if (split.reason != Reason::passed) return without_tests(verdict, split.reason, split.why);
    specification.tests = std::move(split.tests);
    for (TestCase& test : specification.tests) {
      test.expected.tuple_as_list = options.tuple_as_list.value_or(false);
    }
  }
  const size_t count = specification.tests.size();
  verdict.gold = fmt::format("{} test{}", count, count == 1 ? "" : "s");

  // Step 2. The program.
  code::Submission submission;
  submission.language = specification.language.value_or(sandbox::Language::python);
  submission.limits = code::read_limits(given, sandbox::run_limits(submission.language));
  const code::ProgramText program = program_of(request, options, submission.language);
  if (!program.found) return without_tests(verdict, program.failure, "");
  verdict.extracted = program.text;
  submission.source = program.text;
  if (!specification.prelude.empty() && !defines(submission.source, specification.entry)) {
    submission.source = specification.prelude + submission.source;
  }

  // Step 3. The tests run.
  Examination examination(sandbox, std::move(submission), specification, options);
  if (specification.tests[0].kind == TestCase::Kind::text) {
    const TestResult built = examination.build();
    if (built.reason != Reason::passed) return without_tests(verdict, built.reason, built.detail);
  }
  run_tests(examination, specification, options, verdict);
  return verdict;
}

Verdict grade_code(sandbox::Sandbox& sandbox, const nlohmann::json& request) {
  // The one object of the process here: what it remembers depends on its key alone, and the judge
  // calls this function without any state of its own.
  static code::SplitMemory memory;
  return grade_code(sandbox, request, memory);
}

}  // namespace reckon::rewards
