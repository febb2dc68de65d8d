#include "watch/run_index.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/json.h"
#include "tests/watch/run_files.h"
#include "watch/report_data.h"

using namespace reckon;
using namespace reckon::watch;

namespace {

RunIndex index_of(const RunFiles& files) { return RunIndex(files.path(), files.path()); }

void fill(const RunFiles& files) {
  files.put_recipe();
  files.put("status.json", R"({"state":"running","stage":"zero","step":5,"max_steps":40})");
  files.put_metrics(5);
  files.add_evaluation("zero", 5, 0.5, 20.0);
  for (int step = 1; step <= 3; ++step) files.add_completion(step, 4, 0, "easy", "a", true);
}

}  // namespace

TEST_CASE("A run that is followed while it grows equals the one that is read at once") {
  const RunFiles files;
  RunIndex index = index_of(files);
  index.refresh();
  CHECK(index.run().stages.empty());
  fill(files);
  index.refresh();
  files.append_line("metrics.jsonl",
                    {{"stage", "zero"}, {"step", 6}, {"kind", "grpo"}, {"new", 1e-300}});
  index.refresh();
  files.append("metrics.jsonl",
               R"({"stage": "zero", "kind": "grpo", "step": 7, "nested": {"a": 1},)"
               R"( "word": "\u00e9\n", "reward": -1.5E+2, "nothing": null})"
               "\n\n");
  index.refresh();
  files.append("metrics.jsonl", R"({"step":8,"stage":"zero","re)");
  files.add_completion(4, 4, 1, "easy", "torn, \"stage\":\"x\",\"step\":7}", true);
  index.refresh();
  const RunFolder whole = read_run_folder(files.path());
  // Only the notes differ: a line that is being written is normal for a run that is followed.
  nlohmann::json a = report_data(index.run());
  nlohmann::json b = report_data(whole);
  a.erase("notes");
  b.erase("notes");
  CHECK(json_text(a, 1) == json_text(b, 1));
  CHECK(index.run().find_metrics("zero")->steps.size() == 7);
  CHECK(index.run().find_metrics("zero")->columns.at("reward").back() == -150.0);
  CHECK(index.run().status->max_steps == 40);
  CHECK(index.generation() == 0);
}

TEST_CASE("Files cut on going on from a checkpoint begin a new generation") {
  const RunFiles files;
  fill(files);
  RunIndex index = index_of(files);
  index.refresh();
  const uint64_t before = index.generation();
  SUBCASE("cut and grown again") {
    std::filesystem::resize_file(files.file("metrics.jsonl"), 0);
    std::filesystem::resize_file(files.file("completions.jsonl"), 0);
    files.put_metrics(2);
    files.add_completion(1, 9, 0, "easy", "b", true);
    index.refresh();
    CHECK(index.run().find_metrics("zero")->steps.size() == 2);
    CHECK(index.run().completion_steps.size() == 1);
  }
  SUBCASE("steps that come again") {
    files.append_line("metrics.jsonl", {{"stage", "zero"}, {"step", 3}, {"reward", 9.0}});
    index.refresh();
    const auto* zero = index.run().find_metrics("zero");
    CHECK(zero->steps == std::vector<int64_t>{1, 2, 3});
    CHECK(zero->columns.at("reward") == std::vector<double>{0.01, 0.02, 9.0});
    CHECK(std::isnan(zero->columns.at("step_time").back()));
  }
  CHECK(index.generation() > before);
}

TEST_CASE("Broken lines of metrics cost only themselves and are noted") {
  const RunFiles files;
  files.put_recipe();
  files.put("metrics.jsonl",
            "{\"stage\":\"zero\",\"step\":1,\"reward\":1}\nnonsense\n[1]\n{\"stage\":\"zero\","
            "\"step\":2,\"reward\":inf}\n{\"stage\":\"zero\",\"step\":3,\"reward\":2}\n");
  RunIndex index = index_of(files);
  index.refresh();
  CHECK(index.run().find_metrics("zero")->steps == std::vector<int64_t>{1, 3});
  bool noted = false;
  for (const auto& note : index.run().notes) {
    noted |= note == "metrics.jsonl has 3 broken lines, which are left out.";
  }
  CHECK(noted);
}

TEST_CASE("A folder that goes away while it is followed becomes empty, and may come again") {
  RunFiles files;
  const auto folder = files.path() / "run";
  std::filesystem::create_directory(folder);
  RunIndex index(folder, files.path());
  files.put("run/metrics.jsonl", "{\"stage\":\"zero\",\"step\":1,\"reward\":1}\n");
  index.refresh();
  CHECK(index.run().metrics.size() == 1);
  std::filesystem::remove_all(folder);
  index.refresh();
  CHECK(index.run().metrics.empty());
  CHECK(index.run().stages.empty());
  std::filesystem::create_directory(folder);
  files.put("run/metrics.jsonl", "{\"stage\":\"zero\",\"step\":5,\"reward\":2}\n");
  index.refresh();
  CHECK(index.run().find_metrics("zero")->steps == std::vector<int64_t>{5});
}

TEST_CASE("Files that links put outside of the folder count as missing") {
  const RunFiles files, outside;
  fill(outside);
  for (const char* name :
       {"recipe.json", "status.json", "metrics.jsonl", "evals.jsonl", "completions.jsonl"}) {
    std::filesystem::create_symlink(outside.file(name), files.file(name));
  }
  RunIndex index = index_of(files);
  index.refresh();
  CHECK(index.run().stages.empty());
  CHECK_FALSE(index.run().status);
  CHECK(index.run().metrics.empty());
  CHECK(index.run().evaluations.empty());
  CHECK(index.run().completion_steps.empty());
  CHECK(index.run().notes.size() == 5);
}
