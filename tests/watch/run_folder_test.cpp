#include "watch/run_folder.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "tests/watch/run_files.h"

namespace reckon::watch {
namespace {

bool has_note(const RunFolder& run, const std::string& part) {
  for (const std::string& note : run.notes) {
    if (note.find(part) != std::string::npos) return true;
  }
  return false;
}

TEST_CASE("a run folder gives who it is, its stages and its metrics as columns") {
  RunFiles files;
  files.put_recipe("tiny", 7);
  files.put("status.json", R"({"state":"finished","stage":"exam","step":4,"wall_time":12.5})");
  files.put_metrics(4);
  files.add_evaluation("zero", 4, 0.8, 90.0);
  const RunFolder run = read_run_folder(files.path());
  CHECK(run.name == "tiny");
  CHECK(run.seed == 7);
  CHECK(run.claim == "length pays");
  CHECK(run.hash == "0123456789abcdef");
  REQUIRE(run.status);
  CHECK(run.status->state == "finished");
  CHECK(run.status->wall_time == 12.5);
  REQUIRE(run.stages.size() == 3);
  CHECK(run.stages[1].last_step == 4);
  REQUIRE(run.find_metrics("zero") != nullptr);
  CHECK(run.find_metrics("zero")->columns.at("reward").back() == doctest::Approx(0.04));
  CHECK(run.find_metrics("zero")->columns.count("completions/mean_length_wrong") == 0);
  CHECK(run.step_seconds() == doctest::Approx(5.5));
  REQUIRE(run.evaluations.size() == 1);
  CHECK(run.evaluations[0].value("by_difficulty/easy/accuracy") == 0.8);
  CHECK(run.evaluations[0].value("accuracy_interval/low") == doctest::Approx(0.75));
  CHECK_FALSE(run.evaluations[0].value("prompts/0/index"));
  CHECK(has_note(run, "completions.jsonl is missing"));
}

TEST_CASE("an empty folder is read, and every missing file is named") {
  RunFiles files;
  const RunFolder run = read_run_folder(files.path());
  CHECK(run.notes.size() == 5);
  CHECK(run.name == files.path().filename().string());
  CHECK(run.metrics.empty());
}

TEST_CASE("a folder that is not there is an error of the user") {
  try {
    read_run_folder("/nonexistent/run");
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::not_found);
  }
}

TEST_CASE("a torn last line is left out and named") {
  RunFiles files;
  files.put_metrics(4);
  files.append("metrics.jsonl", R"({"stage":"zero","step":5,"rew)");
  const RunFolder run = read_run_folder(files.path());
  CHECK(run.find_metrics("zero")->steps.back() == 4);
  CHECK(has_note(run, "metrics.jsonl ends in a half-written line"));
}

TEST_CASE("a broken line in the middle keeps what stands before it") {
  RunFiles files;
  files.put_metrics(4);
  files.append("metrics.jsonl", "{broken}\n{\"stage\":\"zero\",\"step\":5}\n");
  const RunFolder run = read_run_folder(files.path());
  CHECK(run.find_metrics("zero")->steps.size() == 4);
  CHECK(has_note(run, "broken line"));
}

TEST_CASE("a step that comes again replaces the older one and those after it") {
  RunFiles files;
  files.put_metrics(4);
  files.append_line("metrics.jsonl",
                    {{"stage", "zero"}, {"kind", "grpo"}, {"step", 3}, {"reward", 9.0}});
  const RunFolder run = read_run_folder(files.path());
  const StageMetrics& metrics = *run.find_metrics("zero");
  CHECK(metrics.steps == std::vector<int64_t>{1, 2, 3});
  REQUIRE(metrics.columns.at("reward").size() == 3);
  CHECK(metrics.columns.at("reward")[2] == 9.0);
  CHECK(std::isnan(metrics.columns.at("step_time")[2]));
}

TEST_CASE("stages of one axis follow one another") {
  RunFiles files;
  for (const char* stage : {"first", "second"}) {
    for (int step = 1; step <= 5; ++step) {
      files.append_line("metrics.jsonl", {{"stage", stage}, {"kind", "grpo"}, {"step", step}});
    }
  }
  const RunFolder run = read_run_folder(files.path());
  REQUIRE(run.stages.size() == 2);
  CHECK(run.stages[0].offset == 0);
  CHECK(run.stages[1].offset == 5);
}

TEST_CASE("files of the wrong shape are named, not fatal") {
  RunFiles files;
  files.put("recipe.json", R"({"recipe": [1, 2], "threads": "two"})");
  files.put("status.json", "[]");
  files.put("metrics.jsonl",
            "[]\n3\n{\"step\":\"x\"}\n{\"step\":1e300}\n{\"stage\":4,\"step\":1}\n");
  files.put("evals.jsonl", "{\"by_difficulty\":[1,2,3],\"step\":-4}\n\"text\"\n");
  files.put("completions.jsonl", "{\"step\":\n{{{{\n\"\n");
  const RunFolder run = read_run_folder(files.path());
  CHECK(has_note(run, "recipe.json cannot be read"));
  CHECK(has_note(run, "status.json cannot be read"));
  REQUIRE(run.metrics.size() == 1);
  CHECK(run.metrics[0].steps == std::vector<int64_t>{1});
  REQUIRE(run.evaluations.size() == 1);
  CHECK(run.evaluations[0].step == 0);
  CHECK(run.completion_steps.empty());
}

}  // namespace
}  // namespace reckon::watch
