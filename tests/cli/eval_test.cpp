// Evaluation by hand and as a stage: figures, answers, and an end when asked for.
#include <doctest/doctest.h>
#include <signal.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/json.h"
#include "core/jsonl.h"
#include "tests/cli/process.h"
#include "tests/cli/small_recipe.h"

using namespace reckon;
using namespace reckon::tests;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

// A model that was trained for a moment.
class SmallModel {
 public:
  SmallModel() {
    const auto recipe = write_recipe(folder_.path(), pretrain_recipe());
    const Outcome outcome = run_program(run_launch(recipe, folder_.path() / "run"));
    REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
  }

  fs::path file(const char* name) const { return folder_.path() / name; }

  Outcome eval(const std::vector<std::string>& more) const { return run_program(launch(more)); }

  Launch launch(const std::vector<std::string>& more) const {
    Launch launch;
    launch.arguments = {"eval", (file("run") / "stages" / "base" / "model").string(), "--threads",
                        "2"};
    launch.arguments.insert(launch.arguments.end(), more.begin(), more.end());
    return launch;
  }

 private:
  TempFolder folder_;
};

// Whether the process ends by itself within a few seconds of SIGTERM.
Outcome terminate(Process& process) {
  const auto sent = std::chrono::steady_clock::now();
  process.send(SIGTERM);
  Outcome outcome = process.wait();
  CHECK(std::chrono::steady_clock::now() - sent < std::chrono::seconds(5));
  CHECK(outcome.signal == 0);
  CHECK_MESSAGE(outcome.status == 1, outcome.err);
  CHECK_MESSAGE(outcome.err.find("stopped") != std::string::npos, outcome.err);
  return outcome;
}

}  // namespace

TEST_SUITE("e2e") {
  TEST_CASE("`eval` of JSON lines prints figures and a table, and writes every answer") {
    const SmallModel model;
    write_file_atomic(model.file("test.jsonl"),
                      R"({"question": "<bos> 1 2 4 target 12", "result": "12"})"
                      "\n"
                      R"({"question": "<bos> 3 5 6 target 14", "result": 14})"
                      "\n"
                      R"({"question": "<bos> 3 5 7 target 15", "result": null})"
                      "\n");
    const Outcome outcome =
        model.eval({"--data", model.file("test.jsonl").string(), "--answer-column", "result",
                    "--num-samples", "4", "--k", "1,3", "--max-tokens", "8", "--reward", "answer",
                    "--reward", "format", "--out", model.file("out.jsonl").string()});
    REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
    const json line = parse_json_text(outcome.out, "standard output");
    CHECK(line.at("num_prompts") == 2);
    CHECK(line.at("num_without_gold") == 1);
    CHECK(line.at("pass_at_k").size() == 2);
    CHECK(line.at("cons_at_k").contains("3"));
    for (const char* name : {"pass@1", "pass@3", "cons@3", "greedy", "mean length", "left out",
                             "answer   ", "format   ", "clean   "}) {
      CHECK_MESSAGE(outcome.err.find(name) != std::string::npos, outcome.err);
    }
    uint64_t count = 0;
    for_each_jsonl(model.file("out.jsonl"), [&](const json& answers, uint64_t) {
      CHECK(answers.at("index") == count++);
      CHECK(answers.at("n") == 4);
      CHECK(answers.at("samples").size() == 4);
      CHECK(answers.at("greedy").contains("completion"));
    });
    CHECK(count == 3);
  }

  TEST_CASE("`eval` refuses numbers without a meaning and names the option") {
    const SmallModel model;
    const std::vector<std::vector<std::string>> wrong = {{"--num-samples", "-3"},
                                                         {"--num-samples", "0"},
                                                         {"--k", "0"},
                                                         {"--k", "1,-2"},
                                                         {"--seed", "-1"},
                                                         {"--limit", "-4"},
                                                         {"--max-tokens", "0"},
                                                         {"--temperature", "nan"},
                                                         {"--top-p", "1.5"},
                                                         {"--k", "9"},
                                                         {"--prompt-column", "text"}};
    for (const auto& options : wrong) {
      CAPTURE(options[0] + " " + options[1]);
      const Outcome outcome = model.eval(options);
      CHECK_MESSAGE(outcome.status == 2, outcome.err);
      CHECK(outcome.out == "");
      CHECK_MESSAGE(outcome.err.find(options[0].substr(2, 4)) != std::string::npos, outcome.err);
    }
  }

  TEST_CASE("`eval` ends soon after SIGTERM and writes nothing") {
    const SmallModel model;
    Process process(model.launch({"--num-samples", "5000", "--max-tokens", "400", "--out",
                                  model.file("out.jsonl").string()}));
    int asked = 0;
    process.runs_until([&] { return ++asked > 3000; });
    CHECK(terminate(process).out == "");
    CHECK_FALSE(fs::exists(model.file("out.jsonl")));
  }

  TEST_CASE("a run in an eval stage ends soon after SIGTERM and leaves the stage to be repeated") {
    const TempFolder folder;
    json recipe = pretrain_recipe();
    recipe["stages"].push_back({{"name", "exam"},
                                {"kind", "eval"},
                                {"policy", "base"},
                                {"rewards", {{{"kind", "countdown"}}}},
                                {"eval_prompts", 800},
                                {"num_samples", 500},
                                {"max_completion_length", 400}});
    const fs::path run = folder.path() / "run";
    Process process(run_launch(write_recipe(folder.path(), recipe), run));
    const auto status = run / "status.json";
    REQUIRE(process.runs_until([&] {
      return fs::exists(status) && read_json_file(status).value("phase", "") == "evaluation";
    }));
    terminate(process);
    CHECK(read_json_file(status).at("state") == "stopped");
    CHECK_FALSE(fs::exists(run / "stages" / "exam" / "done.json"));
    CHECK(fs::file_size(run / "evals.jsonl") == 0);
  }
}
