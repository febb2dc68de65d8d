#include "rewards/code/split_tests.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "rewards/code/program_box.h"
#include "rewards/code/runner_job.h"

namespace reckon::rewards::code {

namespace {

constexpr size_t kMostKnown = 4096;
constexpr std::array<std::pair<std::string_view, ValueRule>, 9> kRules{{
    {"equal", ValueRule::equal},
    {"identical", ValueRule::identical},
    {"true", ValueRule::truthy},
    {"false", ValueRule::falsy},
    {"near", ValueRule::near},
    {"isclose", ValueRule::isclose},
    {"set", ValueRule::set},
    {"multiset", ValueRule::multiset},
    {"items", ValueRule::items},
}};

std::string key_of(const Specification& specification) {
  std::string key = specification.unsplit_program ? "program" : "lines";
  const auto add = [&](std::string_view text) {
    key += fmt::format("\n{}\n{}", text.size(), text);
  };
  add(specification.entry);
  add(specification.prelude);
  add(specification.setup);
  for (const std::string& test : specification.unsplit) add(test);
  return key;
}

double number(const JsonTree& tree, std::string_view name) {
  const JsonTree* found = tree.find(name);
  return found == nullptr ? 0.0 : found->real;
}

std::optional<TestCase> read_test(const JsonTree& tree) {
  TestCase test;
  if (const JsonTree* code = tree.find("code")) {
    test.kind = TestCase::Kind::code;
    test.input = code->text;
    return test;
  }
  const JsonTree* call = tree.find("call");
  const JsonTree* compare = tree.find("compare");
  const JsonTree* expected = tree.find("expected");
  if (call == nullptr || compare == nullptr || expected == nullptr) return std::nullopt;
  auto value = unpack_value(*expected);
  if (!value) return std::nullopt;
  test.kind = TestCase::Kind::call;
  test.input = call->text;
  test.expected.value = std::move(*value);
  test.expected.absolute = number(tree, "absolute");
  test.expected.relative = number(tree, "relative");
  test.expected.strict = number(tree, "strict") != 0.0;
  for (const auto& [name, rule] : kRules) {
    if (name == compare->text) test.expected.rule = rule;
  }
  return test;
}

SplitTests read_split(const std::optional<JsonTree>& frame) {
  SplitTests result;
  const JsonTree* tests = frame ? frame->find("tests") : nullptr;
  if (tests == nullptr) {
    const JsonTree* error = frame ? frame->find("error") : nullptr;
    result.why = error == nullptr ? "tests that are too large" : error->text;
    result.reason = Reason::gold_unreadable;
    return result;
  }
  for (const JsonTree& tree : tests->items) {
    auto test = read_test(tree);
    if (test) {
      result.tests.push_back(std::move(*test));
    } else {
      result.why = "tests with a value that cannot be read";
      result.reason = Reason::gold_unreadable;
    }
  }
  if (result.tests.empty()) {
    result.why = "no tests";
    result.reason = Reason::gold_unreadable;
  }
  return result;
}

SplitTests run_split(sandbox::Sandbox& sandbox, const Specification& specification) {
  const sandbox::Limits limits = sandbox::run_limits(sandbox::Language::python);
  ProgramBox box(sandbox, {{runner_program("split.py")}, limits});
  std::vector<std::string_view> parts{specification.unsplit_program ? "program" : "lines",
                                      specification.entry, specification.prelude,
                                      specification.setup};
  parts.insert(parts.end(), specification.unsplit.begin(), specification.unsplit.end());
  const RunnerJob job = runner_job(parts, limits);
  const sandbox::Outcome outcome = box.run(job.run);
  if (outcome.outcome == sandbox::OutcomeKind::ok) {
    return read_split(read_frame(outcome.result_bytes, job.token));
  }
  const TestResult failed = failed_run(outcome);
  SplitTests result;
  result.reason = failed.reason == Reason::test_failed ? Reason::gold_unreadable : failed.reason;
  result.why = "splitting the tests: " + failed.detail;
  return result;
}

}  // namespace

SplitTests SplitMemory::split(sandbox::Sandbox& sandbox, const Specification& specification) {
  std::string key = key_of(specification);
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(key);
    if (found != known_.end()) return found->second;
  }
  SplitTests result = run_split(sandbox, specification);
  // What the machinery failed at may work the next time.
  if (result.reason != Reason::passed && result.reason != Reason::gold_unreadable) return result;
  const std::lock_guard lock(mutex_);
  if (known_.emplace(key, result).second) order_.push_back(std::move(key));
  if (order_.size() > kMostKnown) {
    known_.erase(order_.front());
    order_.pop_front();
  }
  return result;
}

}  // namespace reckon::rewards::code
