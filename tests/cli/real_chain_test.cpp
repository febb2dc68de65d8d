// The whole chain with a real model and a real data set: SmolLM2-135M-Instruct and GSM8K. Some
// steps of each stage: that they run, fit together and are read elsewhere, not that they help.
#include <doctest/doctest.h>
#include <signal.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/files.h"
#include "core/json.h"
#include "core/jsonl.h"
#include "tests/cli/process.h"
#include "tests/cli/run_bytes.h"
#include "tests/cli/small_recipe.h"

using namespace reckon;
using namespace reckon::tests;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr const char* kModel = ".deps/models/SmolLM2-135M-Instruct.Q4_1.gguf";
constexpr const char* kProblems = "../shared/data/gsm8k/train.jsonl";
constexpr const char* kTrained[] = {"tuned", "rl", "pupil", "student"};

// False, and said, where something is missing that cannot be shipped.
bool have_inputs() {
  if (!fs::exists(kModel)) {
    MESSAGE("skipped: no SmolLM2-135M-Instruct in .deps/models; scripts/setup fetches it");
    return false;
  }
  if (!fs::exists(kProblems)) MESSAGE("skipped: no GSM8K at " << std::string(kProblems));
  return fs::exists(kProblems);
}

// The first `count` lines of the data set.
std::string first_lines(int count) {
  std::istringstream all(read_file(kProblems));
  std::string text, line;
  for (int i = 0; i < count && std::getline(all, line); ++i) text += line + "\n";
  return text;
}

json real_recipe(const fs::path& folder) {
  const auto lessons = folder / "lessons.jsonl", problems = folder / "problems.jsonl";
  write_file_atomic(lessons, first_lines(64));
  write_file_atomic(problems, first_lines(512));
  constexpr const char* kText = R"({
    "name": "real-chain", "seed": 7, "device": "cpu",
    "model": {},
    "task": {"kind": "jsonl"},
    "stages": [
      {
        "name": "tuned", "kind": "sft",
        "datasets": [{"prompt_column": "prompt", "completion_column": "solution"}],
        "use_peft": true, "lora_r": 8, "max_length": 160, "tokens_per_step": 384,
        "max_steps": 3, "logging_steps": 1, "save_steps": 2, "learning_rate": 1e-3
      },
      {
        "name": "picked", "kind": "sample", "policy": "tuned",
        "rewards": [{"kind": "answer"}, {"kind": "boxed"}], "correct": false, "ended": false,
        "num_prompts": 4, "num_generations": 2, "max_completion_length": 32, "prompts_per_batch": 2
      },
      {
        // With a model of this size few answers are right: a coin gives the update something to do.
        "name": "rl", "kind": "grpo", "policy": "tuned",
        "rewards": [{"kind": "answer"}, {"kind": "random", "probability": 0.5, "weight": 0.1}],
        "use_peft": true, "lora_r": 8, "prompts_per_step": 2, "num_generations": 4,
        "max_completion_length": 32, "max_steps": 2, "save_steps": 1, "learning_rate": 1e-4
      },
      {
        "name": "pupil", "kind": "distill", "method": "on_policy", "policy": "tuned",
        "use_peft": true, "lora_r": 8, "prompts_per_step": 2, "num_generations": 2,
        "max_completion_length": 32, "max_steps": 1, "learning_rate": 1e-4
      },
      {
        // All weights, unlike the others.
        "name": "student", "kind": "distill", "datasets": [{"samples": "picked"}],
        "tokens_per_step": 512, "max_steps": 1, "logging_steps": 1, "learning_rate": 1e-5, "save_total_limit": 1
      },
      {
        "name": "exam", "kind": "eval", "policy": ["", "rl", "student"],
        "rewards": [{"kind": "answer"}],
        "eval_prompts": 4, "greedy_prompts": 1, "max_completion_length": 32
      }
    ]
  })";
  json recipe = parse_json_text(kText, "real chain", true);
  const std::string model = fs::absolute(kModel).string();
  const std::string system = "Work the problem out, then put the final number in \\boxed{}.";
  recipe["model"]["path"] = model;
  recipe["task"]["path"] = problems.string();
  recipe["task"]["system_prompt"] = system;
  recipe["stages"][0]["datasets"][0]["path"] = lessons.string();
  recipe["stages"][0]["datasets"][0]["system_prompt"] = system;
  recipe["stages"][3]["teacher"] = model;
  return recipe;
}

Launch real_launch(const fs::path& what, const fs::path& out = {}) {
  auto launch = run_launch(what, out);
  launch.time_limit = std::chrono::seconds(560);
  return launch;
}

std::vector<json> lines_of(const fs::path& file) {
  std::vector<json> lines;
  for_each_jsonl(
      file, [&](const json& line, uint64_t) { lines.push_back(line); }, JsonlMode::strict);
  return lines;
}

void check_files(const fs::path& run) {
  for (const char* stage : {"tuned", "picked", "rl", "pupil", "student", "exam"}) {
    CAPTURE(std::string(stage));
    CHECK(fs::exists(run / "stages" / stage / "done.json"));
    const json cost = read_json_file(run / "stages" / stage / "cost.json");
    CHECK(cost.at("flops").get<double>() > 0.0);
    CHECK(cost.at("num_parameters").get<int64_t>() > 130'000'000);
  }
  for (const char* stage : kTrained) {
    for (const char* name : {"config.json", "model.safetensors", "tokenizer.json"}) {
      CHECK_MESSAGE(fs::exists(run / "stages" / stage / "model" / name),
                    (std::string(stage) + name));
    }
  }
}

void check_samples(const fs::path& folder) {
  const auto kept = lines_of(folder / "samples.jsonl");
  const json summary = read_json_file(folder / "summary.json");
  CHECK(summary.at("drawn") == 8);
  CHECK(summary.at("kept") == kept.size());
  CHECK(kept.size() + lines_of(folder / "dropped.jsonl").size() == 8);
  REQUIRE(!kept.empty());
  for (const json& line : kept) {
    CHECK(line.at("completion_ids").size() == line.at("num_tokens").get<size_t>());
    CHECK(line.at("num_tokens").get<int64_t>() <= 32);
    CHECK(line.at("prompt").get<std::string>().find("\\boxed{}") != std::string::npos);
    CHECK(line.at("columns").contains("solution"));
  }
}

void check_numbers(const fs::path& run) {
  std::map<std::string, int> lines;
  for (const json& line : lines_of(run / "metrics.jsonl")) {
    const auto stage = line.at("stage").get<std::string>();
    ++lines[stage];
    if (stage == "picked") continue;
    CAPTURE(stage);
    const double loss = line.at("loss").get<double>();
    const double norm = line.at("grad_norm").get<double>();
    CHECK(std::isfinite(loss));
    CHECK(std::isfinite(norm));
    CHECK(norm > 0.0);
    // Of a language model that knows English, not of chance (ln 49152 is 10.8).
    if (stage == "tuned") CHECK(loss < 3.0);
    if (stage == "pupil") CHECK(loss > 0.0);
  }
  CHECK(lines == std::map<std::string, int>{
                     {"tuned", 3}, {"picked", 2}, {"rl", 2}, {"pupil", 1}, {"student", 1}});
  const auto evals = lines_of(run / "evals.jsonl");
  REQUIRE(evals.size() == 3);
  for (const json& line : evals) {
    CHECK(line.at("num_prompts") == 4);
    CHECK(line.at("accuracy").get<double>() >= 0.0);
    CHECK(line.at("mean_length").get<double>() > 1.0);
  }
}

// `transformers` computes with the results what this program does with them.
void check_with_transformers(const fs::path& run) {
  const char* python = std::getenv("RECKON_PYTHON");
  if (python == nullptr) {
    MESSAGE("skipped: transformers was not asked; RECKON_PYTHON names a Python that has it");
    return;
  }
  Launch launch;
  launch.program = fs::absolute(python);
  launch.arguments = {"tests/python/check_model.py", RECKON_PROGRAM};
  for (const char* stage : kTrained) launch.arguments.push_back(run / "stages" / stage / "model");
  launch.arguments.insert(launch.arguments.end(), {"--texts", "10"});
  launch.time_limit = std::chrono::seconds(300);
  const Outcome outcome = run_program(launch);
  CHECK_MESSAGE(outcome.status == 0, (outcome.out + outcome.err));
  MESSAGE(outcome.out);
}

void check_runs_no_more(const fs::path& run) {
  const auto before = fs::last_write_time(run / "metrics.jsonl");
  const auto model = fs::last_write_time(run / "stages/student/model/model.safetensors");
  const Outcome again = run_program(real_launch(run));
  CHECK(again.status == 0);
  CHECK(again.err.find("this run is finished") != std::string::npos);
  CHECK(fs::last_write_time(run / "metrics.jsonl") == before);
  CHECK(fs::last_write_time(run / "stages/student/model/model.safetensors") == model);
}

bool has_line_of(const fs::path& run, const std::string& stage) {
  const auto file = run / "metrics.jsonl";
  return fs::exists(file) &&
         read_file(file).find("\"stage\":\"" + stage + "\"") != std::string::npos;
}

// The first three stages in another folder, killed inside of two of them, leave the same bytes.
void check_killed_run(const fs::path& folder, const fs::path& whole_run) {
  json recipe = real_recipe(folder);
  recipe["stages"].erase(recipe["stages"].begin() + 3, recipe["stages"].end());
  const auto file = write_recipe(folder, recipe);
  const auto run = folder / "killed";
  for (const char* stage : {"tuned", "rl"}) {
    Process process(real_launch(file, run));
    REQUIRE(process.runs_until([&] { return has_line_of(run, stage); }));
    process.send(SIGKILL);
    CHECK(process.wait().signal == SIGKILL);
  }
  const Outcome outcome = run_program(real_launch(run));
  REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
  const auto whole = run_bytes(whole_run);
  const auto killed = run_bytes(run);
  CHECK(killed.contains("stages/rl/model/model.safetensors"));
  for (const auto& [name, bytes] : killed) {
    CAPTURE(name);
    REQUIRE(whole.contains(name));
    const bool log = name.find('/') == std::string::npos;  // the whole run wrote on
    CHECK((log ? whole.at(name).starts_with(bytes) : whole.at(name) == bytes));
  }
}

}  // namespace

TEST_SUITE("slow") {
  TEST_CASE("a real model goes through all stages on a real data set, also when it is killed") {
    if (!have_inputs()) return;
    const TempFolder folder;
    const auto recipe = write_recipe(folder.path(), real_recipe(folder.path()));
    const auto run = folder.path() / "run";
    const Outcome outcome = run_program(real_launch(recipe, run));
    REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
    check_files(run);
    check_samples(run / "stages/picked");
    check_numbers(run);
    check_runs_no_more(run);
    check_with_transformers(run);
    check_killed_run(folder.path(), run);
  }
}
