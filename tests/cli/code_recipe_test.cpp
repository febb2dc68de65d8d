// RL on programs, from the recipe to the files: the policy's code runs in sandboxes.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/json.h"
#include "core/jsonl.h"
#include "tests/cli/process.h"
#include "tests/cli/run_bytes.h"
#include "tests/cli/small_recipe.h"

using namespace reckon;
using namespace reckon::tests;
using nlohmann::json;

namespace {

// The shipped recipe, shortened: enough pretraining to write programs, and a few updates.
json short_code_recipe() {
  json recipe = {{"base", "tiny-code"}, {"name", "code-under-test"}};
  recipe["stages"]["base"] = {
      {"max_steps", 150}, {"warmup_steps", 10}, {"lr_scheduler_kwargs", {{"num_decay_steps", 50}}}};
  recipe["stages"]["rl"] = {
      {"max_steps", 4}, {"prompts_per_step", 4}, {"eval_steps", 4}, {"eval_prompts", 8}};
  recipe["stages"]["exam"] = {{"eval_prompts", 8}, {"num_samples", 1}};
  return recipe;
}

Outcome run_code(const std::filesystem::path& recipe, const std::filesystem::path& out,
                 const std::vector<std::string>& more = {}) {
  auto launch = run_launch(recipe, out);
  launch.time_limit = std::chrono::seconds(300);
  launch.arguments.insert(launch.arguments.end(), more.begin(), more.end());
  return run_program(launch);
}

// A machine without the layers of isolation refuses, and says what is missing.
bool refused(const Outcome& outcome) {
  if (outcome.status != 2 || outcome.err.find("isolation") == std::string::npos) return false;
  MESSAGE("skipped: this machine cannot isolate programs: ", outcome.err);
  return true;
}

}  // namespace

TEST_SUITE("e2e") {
  TEST_CASE("a policy is trained by hidden tests of the programs it writes") {
    const TempFolder folder;
    const auto recipe = write_recipe(folder.path(), short_code_recipe());
    const auto run = folder.path() / "run";
    const Outcome outcome = run_code(recipe, run);
    if (refused(outcome)) return;
    REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
    std::map<std::string, int> reasons;
    for_each_jsonl(run / "completions.jsonl", [&](const json& line, uint64_t) {
      const auto reason = line.at("reason").get<std::string>();
      ++reasons[reason.substr(0, reason.find(':'))];
      CHECK(line.at("reward") == (reason.starts_with("passed") ? 1.0 : 0.0));
    });
    CHECK(reasons["passed"] > 0);
    CHECK(reasons["wrong_output"] > 0);
    CHECK(reasons["not_started"] == 0);

    // Programs side by side or one by one: the same run to the byte.
    const auto other = folder.path() / "other";
    const Outcome again = run_code(recipe, other, {"--set", "speed.parallel_sandboxes=1"});
    REQUIRE_MESSAGE(again.status == 0, again.err);
    CHECK(difference(run_bytes(run), run_bytes(other)) == "");
  }

  TEST_CASE("a recipe whose golds cannot be read stops before it trains") {
    const TempFolder folder;
    const auto data = folder.path() / "rows.jsonl";
    write_file_atomic(data, "{\"prompt\": \"<bos> x :\", \"tests\": [\"assert (\"]}\n"
                            "{\"prompt\": \"<bos> x plus 1 :\"}\n");
    json recipe = short_code_recipe();
    recipe["task"] = {{"kind", "jsonl"}, {"path", data.string()}, {"held_out_fraction", 0.0}};
    const Outcome outcome =
        run_code(write_recipe(folder.path(), recipe), folder.path() / "run",
                 {"--set", "stages.rl.eval_prompts=0"});
    if (refused(outcome)) return;
    CHECK(outcome.status == 2);
    CHECK(outcome.err.find("max_unreadable") != std::string::npos);
  }
}
