// The command line as people meet it: help, recipes, dry runs, and what it refuses.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/json.h"
#include "tests/cli/process.h"
#include "tests/cli/run_bytes.h"
#include "tests/cli/small_recipe.h"

using namespace reckon;
using namespace reckon::tests;

namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("--help of every command names its options and shows an example") {
  const std::vector<std::pair<std::string, std::vector<std::string>>> commands = {
      {"run", {"RECIPE", "--out", "--set", "--dry-run", "--threads", "reckon run tiny-zero"}},
      {"eval",
       {"MODEL", "--task", "--reward", "--prompts", "--num-samples", "--temperature", "--top-p",
        "--top-k", "--min-p", "--max-completion-length", "--seed", "reckon eval runs/"}},
      {"report", {"RUN", "--out", "--svg", "reckon report runs/tiny-zero"}},
      {"table",
       {"RUN", "--markdown", "--json", "--cost", "--price-per-hour", "--currency",
        "reckon table runs/tiny-r1"}},
      {"recipes", {"NAME", "--keys", "--markdown", "reckon recipes tiny-zero"}}};
  const Outcome all = run_program({"--help"});
  CHECK(all.status == 0);
  for (const auto& [command, words] : commands) {
    CAPTURE(command);
    CHECK(holds(all.out, "\n  " + command));
    const Outcome help = run_program({command, "--help"});
    CHECK(help.status == 0);
    for (const auto& word : words) CHECK_MESSAGE(holds(help.out, word), word);
  }
}

TEST_CASE("no command, an unknown command, an unknown option and a bad value exit with status 2") {
  const std::vector<std::vector<std::string>> wrong = {{},
                                                       {"fly"},
                                                       {"run"},
                                                       {"run", "smoke", "--fast"},
                                                       {"run", "smoke", "--threads", "0"},
                                                       {"eval", ".", "--temperature", "-1"},
                                                       {"recipes", "--keys", "nothing"},
                                                       {"recipes", "nothing"},
                                                       {"report", "no-such-folder"},
                                                       {"table"},
                                                       {"table", "no-such-folder"},
                                                       {"table", ".", "--currency", "EUR"},
                                                       {"table", ".", "--price-per-hour", "-1"},
                                                       {"table", ".", "--json", "--markdown"}};
  for (const auto& arguments : wrong) {
    CAPTURE(arguments.size());
    const Outcome outcome = run_program(arguments);
    CHECK_MESSAGE(outcome.status == 2, (arguments.empty() ? "" : arguments.front()));
    CHECK(outcome.out == "");
    CHECK(outcome.err != "");
  }
}

TEST_CASE("`recipes` lists the shipped recipes, prints one, and explains keys") {
  const Outcome list = run_program({"recipes"});
  CHECK(list.status == 0);
  for (const char* name :
       {"smoke", "tiny-zero", "tiny-zero-easy", "tiny-zero-random-reward", "tiny-zero-sft-only"}) {
    CHECK_MESSAGE(holds(list.out, std::string(name) + " "), name);
  }
  const Outcome one = run_program({"recipes", "smoke"});
  CHECK(one.status == 0);
  CHECK(one.out == read_file("recipes/smoke.json"));
  const Outcome keys = run_program({"recipes", "--keys", "grpo"});
  CHECK(keys.status == 0);
  for (const char* key : {"num_generations", "epsilon_high", "learning_rate", "at least 1"}) {
    CHECK_MESSAGE(holds(keys.out, key), key);
  }
  const Outcome table = run_program({"recipes", "--keys", "eval", "--markdown"});
  CHECK(holds(table.out, "| `num_samples` |"));
}

TEST_CASE("--dry-run describes the run, takes --set into account and writes nothing") {
  const TempFolder folder;
  Launch launch;
  launch.folder = folder.path();
  launch.arguments = {"run", "smoke", "--dry-run", "--set", "stages.zero.num_generations=6"};
  const Outcome outcome = run_program(launch);
  CHECK_MESSAGE(outcome.status == 0, outcome.err);
  CHECK(holds(outcome.out, "stage 2 of 6: zero (grpo)"));
  CHECK(holds(outcome.out, "4 prompts x 6 answers = 24 completions"));
  CHECK(holds(outcome.out, "memory plan:"));
  CHECK(all_bytes(folder.path()).empty());
}

TEST_CASE("a run folder of another recipe is refused and left as it is") {
  const TempFolder folder;
  const auto recipe = write_recipe(folder.path(), pretrain_recipe());
  const auto run = folder.path() / "run";
  REQUIRE(run_program(run_launch(recipe, run)).status == 0);
  const auto before = all_bytes(run);
  auto other = run_launch(recipe, run);
  other.arguments.insert(other.arguments.end(), {"--set", "seed=8"});
  const Outcome refused = run_program(other);
  CHECK(refused.status == 2);
  CHECK(error_lines(refused.err) == 1);
  CHECK(holds(refused.err, "choose another folder with --out"));
  auto changed = run_launch(run);
  changed.arguments.insert(changed.arguments.end(), {"--set", "seed=8"});
  CHECK(run_program(changed).status == 2);
  CHECK(difference(before, all_bytes(run)) == "");

  auto faster = run_launch(recipe, run);
  faster.arguments.insert(faster.arguments.end(), {"--set", "speed.rows_per_thread=4"});
  CHECK_MESSAGE(run_program(faster).status == 0, "speed keys make no other recipe");
}

TEST_CASE("a run folder that another process uses is refused") {
  const TempFolder folder;
  auto recipe = pretrain_recipe();
  recipe["stages"][0]["max_steps"] = 100000;
  const auto file = write_recipe(folder.path(), recipe);
  const auto run = folder.path() / "run";
  Process first(run_launch(file, run));
  REQUIRE(first.runs_until([&] { return std::filesystem::exists(run / "status.json"); }));
  for (const Launch& launch : {run_launch(run), run_launch(file, run)}) {
    const Outcome second = run_program(launch);
    CHECK(second.status == 2);
    CHECK(error_lines(second.err) == 1);
    CHECK(holds(second.err, "that no other process uses"));
  }
}

TEST_CASE("`table` prints what the policies of a run reached as text, Markdown and JSON") {
  const TempFolder run;
  write_file_atomic(
      run.path() / "recipe.json",
      R"({"recipe": {"name": "chain", "stages": [{"name": "exam", "kind": "eval"}]}})");
  write_file_atomic(run.path() / "evals.jsonl",
                    R"({"stage": "exam", "policy": "base", "data": "held_out", "accuracy": 0.25})"
                    "\n"
                    R"({"stage": "exam", "policy": "zero", "data": "held_out", "accuracy": 0.75})"
                    "\n");
  const Outcome text = run_program({"table", run.path().string()});
  CHECK(text.status == 0);
  CHECK_MESSAGE(holds(text.out, "policy  pass@1\n--------------\nbase      0.25\n"), text.out);
  const Outcome markdown = run_program({"table", run.path().string(), "--markdown"});
  CHECK(holds(markdown.out, "| zero | 0.75 |"));
  const Outcome numbers = run_program({"table", run.path().string(), "--json"});
  const auto object = parse_json_text(numbers.out, "standard output");
  CHECK(object.at("runs").at(0).at("stages").at("rows").at(1).at("policy") == "zero");
  const Outcome cost = run_program({"table", run.path().string(), "--cost"});
  CHECK(holds(cost.out, "no stage has recorded its cost yet"));
}
