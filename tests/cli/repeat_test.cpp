// Equal runs are equal to the byte, and what may only change speed does only that.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/files.h"
#include "tests/cli/process.h"
#include "tests/cli/reference_run.h"
#include "tests/cli/small_recipe.h"

using namespace reckon::tests;

namespace {

// The reproducible part of a run with these further arguments.
RunBytes bytes_with(const std::vector<std::string>& arguments) {
  const reckon::TempFolder folder;
  auto launch = run_launch(reference_run().recipe(), folder.path() / "run");
  launch.arguments.insert(launch.arguments.end(), arguments.begin(), arguments.end());
  const Outcome outcome = run_program(launch);
  CHECK_MESSAGE(outcome.status == 0, outcome.err);
  return run_bytes(folder.path() / "run");
}

}  // namespace

TEST_SUITE("e2e") {
  TEST_CASE("two runs with one seed are equal, and a run with another seed is not") {
    const RunBytes& first = reference_run().bytes();
    CHECK(first.size() >= 6);
    CHECK(difference(first, bytes_with({"--set", "seed=7"})) == "");
    const std::string other = difference(first, bytes_with({"--set", "seed=8"}));
    for (const auto& [name, bytes] : first) {
      // Nothing may be dropped with either seed.
      if (name.ends_with("dropped.jsonl")) continue;
      const bool differs = name.ends_with(".jsonl") || name.ends_with("model.safetensors") ||
                           name.ends_with("summary.json") || name.ends_with("cost.json");
      CHECK_MESSAGE((other.find(name + " differs") != std::string::npos) == differs, name);
    }
  }

  TEST_CASE("how many sequences a thread decodes together changes no byte") {
    for (const char* rows : {"speed.rows_per_thread=1", "speed.rows_per_thread=3"}) {
      CHECK_MESSAGE(difference(reference_run().bytes(), bytes_with({"--set", rows})) == "", rows);
    }
  }
}
