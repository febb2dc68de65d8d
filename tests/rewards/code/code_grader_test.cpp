// The grader on a scripted sandbox: what it asks for, and what it makes of every outcome.
#include "rewards/code/code_grader.h"

#include <doctest/doctest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "core/error.h"

namespace reckon::rewards {

namespace {

using nlohmann::json;
using sandbox::OutcomeKind;

/// A sandbox in which nothing runs: a function of the test says what became of each run.
class ScriptedSandbox : public sandbox::Sandbox {
 public:
  using Script = std::function<sandbox::Outcome(const sandbox::Run&)>;
  explicit ScriptedSandbox(Script script) : script_(std::move(script)) {}

  std::unique_ptr<sandbox::Box> open(const sandbox::BoxOptions& options,
                                     std::string& why) override {
    ++opened;
    files = options.files;
    if (failures > 0) {
      --failures;
      why = "no box today";
      return nullptr;
    }
    return std::make_unique<ScriptedBox>(script_);
  }

  int opened = 0;
  int failures = 0;
  std::vector<sandbox::File> files;

 private:
  class ScriptedBox : public sandbox::Box {
   public:
    explicit ScriptedBox(const Script& script) : script_(script) {}
    sandbox::Outcome run(const sandbox::Run& run) override { return script_(run); }

   private:
    const Script& script_;
  };
  Script script_;
};

sandbox::Outcome printed(std::string text, OutcomeKind kind = OutcomeKind::ok) {
  sandbox::Outcome outcome;
  outcome.outcome = kind;
  outcome.stdout_bytes = std::move(text);
  return outcome;
}

/// Doubles the number on standard input.
sandbox::Outcome doubled(const sandbox::Run& run) {
  return printed(std::to_string(2 * std::stoi(run.input)));
}

json request() {
  return {{"completion", "```python\nprint(2 * int(input()))\n```"},
          {"tests",
           {{{"input", "1"}, {"output", "2"}},
            {{"input", "2"}, {"output", "4"}},
            {{"input", "3"}, {"output", "6"}},
            {{"input", "4"}, {"output", "8"}}}}};
}

}  // namespace

TEST_CASE("a program passes if every test prints what is expected") {
  ScriptedSandbox sandbox(doubled);
  const Verdict verdict = grade_code(sandbox, request());
  CHECK(verdict.score == 1.0);
  CHECK(verdict.reason == Reason::passed);
  CHECK(verdict.extracted == "print(2 * int(input()))\n");
  CHECK(verdict.detail == "4 of 4 tests passed");
  CHECK(sandbox.opened == 1);
}

TEST_CASE("expected outputs never go into a box") {
  ScriptedSandbox sandbox([](const sandbox::Run& run) {
    CHECK(run.input != "secret");
    CHECK(run.result_limit == 0);
    CHECK(run.channel == -1);
    return printed("secret");
  });
  const Verdict verdict =
      grade_code(sandbox, {{"answer", "x"}, {"tests", {{{"input", "1"}, {"output", "secret"}}}}});
  CHECK(verdict.score == 1.0);
  for (const auto& file : sandbox.files) CHECK(file.bytes.find("secret") == std::string::npos);
}

TEST_CASE("a test that fails ends the grading, and the score is 0") {
  int runs = 0;
  ScriptedSandbox sandbox([&](const sandbox::Run& run) {
    ++runs;
    return run.input == "2" ? printed("5") : doubled(run);
  });
  const Verdict verdict = grade_code(sandbox, request());
  CHECK(verdict.score == 0.0);
  CHECK(verdict.reason == Reason::wrong_output);
  CHECK(verdict.detail == "test 2 of 4: expected 4, got 5");
  CHECK(runs == 2);
}

TEST_CASE("with score: fraction every test runs and the share counts") {
  ScriptedSandbox sandbox(
      [&](const sandbox::Run& run) { return run.input == "2" ? printed("5") : doubled(run); });
  json with = request();
  with["score"] = "fraction";
  const Verdict verdict = grade_code(sandbox, with);
  CHECK(verdict.score == 0.75);
  CHECK(verdict.reason == Reason::wrong_output);
}

TEST_CASE("max_tests caps the tests, and the verdict says so") {
  ScriptedSandbox sandbox(doubled);
  json with = request();
  with["max_tests"] = 2;
  CHECK(grade_code(sandbox, with).detail == "2 of 2 tests passed (of 4 given)");
}

TEST_CASE("an outcome other than ok is 0 even with the right output") {
  for (const auto kind : {OutcomeKind::nonzero_exit, OutcomeKind::signal, OutcomeKind::time_limit,
                          OutcomeKind::cpu_limit, OutcomeKind::memory_limit,
                          OutcomeKind::output_limit, OutcomeKind::denied}) {
    ScriptedSandbox sandbox([&](const sandbox::Run& run) {
      sandbox::Outcome outcome = doubled(run);
      outcome.outcome = kind;
      outcome.stderr_bytes = "why";
      return outcome;
    });
    const Verdict verdict = grade_code(sandbox, request());
    CHECK(verdict.score == 0.0);
    CHECK(verdict.reason == Reason::test_failed);
    CHECK(verdict.detail == "test 1 of 4: " + std::string(sandbox::to_string(kind)) + "\nwhy");
  }
}

TEST_CASE("a box that cannot be set up is tried once more, then there is no score") {
  ScriptedSandbox once(doubled);
  once.failures = 1;
  CHECK(grade_code(once, request()).score == 1.0);
  CHECK(once.opened == 2);
  ScriptedSandbox never(doubled);
  never.failures = 100;
  const Verdict verdict = grade_code(never, request());
  CHECK_FALSE(verdict.score.has_value());
  CHECK(verdict.reason == Reason::not_started);
  CHECK(never.opened == 2);
}

TEST_CASE("with per_test every test gets a box of its own") {
  ScriptedSandbox sandbox(doubled);
  json with = request();
  with["per_test"] = true;
  CHECK(grade_code(sandbox, with).score == 1.0);
  CHECK(sandbox.opened == 4);
}

TEST_CASE("no program is 0, no specification is no score, whatever the program") {
  ScriptedSandbox sandbox(doubled);
  json with = request();
  with["completion"] = "I do not know";
  CHECK(grade_code(sandbox, with).reason == Reason::no_answer);
  CHECK(grade_code(sandbox, with).score == 0.0);
  with["completion"] = "<think>hm";
  CHECK(grade_code(sandbox, with).reason == Reason::no_region);
  with["tests"] = json::array();
  CHECK(grade_code(sandbox, with).reason == Reason::gold_unreadable);
  CHECK_FALSE(grade_code(sandbox, with).score.has_value());
  CHECK(sandbox.opened == 0);
}

TEST_CASE("a pass with more than 80 % of the CPU time is noted") {
  ScriptedSandbox sandbox([](const sandbox::Run& run) {
    sandbox::Outcome outcome = doubled(run);
    outcome.cpu_s = run.input == "3" ? 0.9 * run.limits.cpu_s : 0.1;
    return outcome;
  });
  CHECK(grade_code(sandbox, request()).detail == "4 of 4 tests passed (1 near_limit)");
}

TEST_CASE("a wrong option is an error of the user") {
  ScriptedSandbox sandbox(doubled);
  const json wrong{
      {"comparator", "fuzzy"}, {"score", "half"}, {"language", "cobol"}, {"region", "everywhere"},
      {"max_tests", -1},       {"per_test", 1},   {"limits", 5}};
  for (const auto& [key, value] : wrong.items()) {
    CAPTURE(key);
    json with = request();
    with[key] = value;
    CHECK_THROWS_AS(grade_code(sandbox, with), Error);
  }
}

TEST_CASE("limits of the request reach the run") {
  ScriptedSandbox sandbox([](const sandbox::Run& run) {
    CHECK(run.limits.cpu_s == 1.0);
    CHECK(run.limits.wall_s == doctest::Approx(5.0));
    CHECK(run.limits.memory_bytes == 1000);
    return doubled(run);
  });
  json with = request();
  with["options"] = {{"limits", {{"cpu_s", 1.0}, {"memory_bytes", 1000}}}};
  CHECK(grade_code(sandbox, with).score == 1.0);
}

}  // namespace reckon::rewards
