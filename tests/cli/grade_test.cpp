// `reckon grade` as users call it; what a verdict is made of is tested beside the rewards.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/json.h"
#include "tests/cli/process.h"
#include "tests/cli/run_bytes.h"
#include "tests/cli/small_recipe.h"

using namespace reckon;
using namespace reckon::tests;
using nlohmann::json;

namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Runs `reckon grade` with the cases in a file.
Outcome grade(std::vector<std::string> arguments, const std::string& cases) {
  const TempFolder folder;
  write_file_atomic(folder.path() / "cases.jsonl", cases);
  Launch launch;
  launch.arguments = std::move(arguments);
  launch.arguments.insert(launch.arguments.begin(), "grade");
  launch.arguments.emplace_back("cases.jsonl");
  launch.folder = folder.path();
  return run_program(launch);
}

const std::string kRight =
    R"({"nums": [3, 4, 5], "target": 17, "completion": "<think> </think> <answer>3 * 4 + 5</answer>"})"
    "\n";

}  // namespace

TEST_CASE("grade writes a verdict for each case") {
  const Outcome outcome = grade({"countdown"}, kRight);
  CHECK_MESSAGE(outcome.status == 0, outcome.err);
  CHECK(outcome.out ==
        "{\"score\":1.0,\"extracted\":\"3 * 4 + 5\",\"gold\":\"17\",\"reason\":\"correct\"}\n");
}

TEST_CASE("grade goes on behind a bad line and says so at the end") {
  const Outcome outcome = grade({"countdown"}, "nonsense\n" + kRight);
  CHECK(outcome.status == 2);
  CHECK(holds(outcome.out, "bad_line"));
  CHECK(holds(outcome.out, "\"score\":1.0"));
  CHECK(holds(outcome.err, "cases.jsonl line 1"));
  CHECK(holds(outcome.err, "1 of 2 lines are no cases"));
}

TEST_CASE("grade refuses unknown kinds and options, and reads options of the kind") {
  CHECK(grade({"countdwon"}, kRight).status == 2);
  const Outcome unknown = grade({"countdown", "--set", "strikt=true"}, kRight);
  CHECK(unknown.status == 2);
  CHECK(holds(unknown.err, "strikt"));
  const Outcome lenient = grade({"format", "--set", "strict=false"},
                                R"({"completion": "a <think> </think> <answer> </answer> b"})");
  CHECK(holds(lenient.out, "\"score\":1.0"));
}

TEST_CASE("grade scores with the rewards of a recipe's stage") {
  const TempFolder folder;
  const auto recipe = write_recipe(folder.path(), small_recipe());
  const Outcome outcome = grade({"--recipe", recipe.string()}, kRight);
  CHECK_MESSAGE(outcome.status == 0, outcome.err);
  const json line = json::parse(outcome.out);
  CHECK(line.at("rewards").is_object());
  CHECK(!line.at("rewards").empty());
  const Outcome unknown = grade({"--recipe", recipe.string(), "--stage", "none"}, kRight);
  CHECK(unknown.status == 2);
  CHECK(holds(unknown.err, "expected a stage with rewards"));
}
