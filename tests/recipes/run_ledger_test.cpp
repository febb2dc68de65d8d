#include "recipes/run_ledger.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/event_file.h"
#include "core/files.h"
#include "core/json.h"
#include "recipes/stage_plan.h"
#include "tests/recipes/recipe_files.h"

using namespace reckon;
using namespace reckon::recipes;
using namespace reckon::tests;
using nlohmann::json;

namespace {

const std::vector<LedgerStage> kStages = {{"base", "aa"}, {"zero", "bb"}, {"exam", "cc"}};

// A run folder in which a log of all stages grows.
struct Folder {
  TempFolder folder;
  RunLedger ledger{folder.path(), kStages};

  RunLedger with(std::vector<LedgerStage> stages) const {
    return RunLedger(folder.path(), std::move(stages));
  }

  // Runs stage `i`: one line and one number.
  void run(size_t i, bool to_end = true) const {
    rl::RunLog log(folder.path(), ledger.resume_offsets());
    ledger.begin(i, log.sync());
    log.metrics({{"stage", kStages[i].name}, {"step", 1}, {"reward", 0.5}});
    log.evaluation({{"stage", kStages[i].name}, {"data", "held_out"}, {"step", 1}});
    log.sync();
    if (to_end) ledger.finish(i, {{"flops", 1.0}});
  }

  std::string text(const char* name) const { return read_file(folder.path() / name); }
  std::string events() const {
    return read_file(folder.path() / "events" / EventFileWriter::kFileName);
  }
};

}  // namespace

TEST_CASE("ledger: a stage is done with the hash it was made with, and only with that") {
  const Folder run;
  CHECK_FALSE(run.ledger.is_done(0));
  CHECK_FALSE(run.ledger.is_stale(0));
  run.run(0);
  run.run(1, false);
  CHECK(run.ledger.is_done(0));
  CHECK_FALSE(run.ledger.is_open(0));
  CHECK(run.ledger.is_open(1));
  CHECK_FALSE(run.ledger.is_done(1));
  const auto changed = run.with({{"base", "aa"}, {"zero", "b2"}, {"exam", "cc"}});
  CHECK(changed.is_done(0));
  CHECK(changed.is_stale(1));
  CHECK_FALSE(changed.is_stale(2));
  CHECK_FALSE(changed.is_open(1));
}

TEST_CASE("ledger: an open stage without a checkpoint goes on where the logs stood at its begin") {
  const Folder run;
  run.run(0);
  const std::string before = run.text("metrics.jsonl");
  run.run(1, false);
  CHECK(run.ledger.resume_offsets().metrics == before.size());
  {
    const rl::RunLog log(run.folder.path(), run.ledger.resume_offsets());
  }
  CHECK(run.text("metrics.jsonl") == before);
  run.run(1);
  CHECK(run.ledger.resume_offsets().metrics == run.text("metrics.jsonl").size());
}

TEST_CASE("ledger: what is forgotten is gone from the folder, the logs and the events") {
  const Folder run;
  for (size_t i = 0; i < 3; ++i) run.run(i);
  const Folder wanted;
  wanted.run(0);
  wanted.run(2);
  run.ledger.forget({"zero"});
  CHECK_FALSE(std::filesystem::exists(run.ledger.stage_folder(1)));
  CHECK(run.ledger.is_done(0));
  CHECK(run.ledger.is_done(2));
  for (const char* name : {"metrics.jsonl", "evals.jsonl"}) {
    CHECK(run.text(name) == wanted.text(name));
  }
  CHECK(run.events().size() == wanted.events().size());
}

TEST_CASE("ledger: forgetting that was interrupted is ended by the next start") {
  const Folder run;
  for (size_t i = 0; i < 3; ++i) run.run(i);
  // As if the program had been killed after the first of several removals.
  write_file_atomic(run.folder.path() / "forgetting.json", R"({"stages": ["zero", "exam"]})");
  std::filesystem::remove_all(run.ledger.stage_folder(1));
  run.ledger.recover();
  CHECK_FALSE(std::filesystem::exists(run.ledger.stage_folder(2)));
  CHECK(run.text("metrics.jsonl").find("zero") == std::string::npos);
  CHECK(run.text("metrics.jsonl").find("exam") == std::string::npos);
  CHECK(run.text("metrics.jsonl").find("base") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(run.folder.path() / "forgetting.json"));
}

TEST_CASE("ledger: a stage of another recipe that was begun and not ended is found") {
  const Folder run;
  run.run(0);
  run.run(1, false);
  const auto other = run.with({{"base", "aa"}, {"more", "dd"}});
  CHECK(other.foreign_open() == std::vector<std::string>{"zero"});
  CHECK(run.ledger.foreign_open().empty());
  run.run(1);
  CHECK(other.foreign_open().empty());
  CHECK(other.folders() == std::vector<std::string>{"base", "zero"});
}

TEST_CASE("hashes: a change reaches the stages that build on it, and no others") {
  const auto hashes = [](const json& document) {
    return stage_hashes(resolve_recipe(document, "r.json"));
  };
  const auto before = hashes(good_recipe());
  REQUIRE(before.size() == 3);
  CHECK(hashes(good_recipe()) == before);

  const auto last = hashes(recipe_with("/stages/2/num_samples", 3));
  CHECK(last[0] == before[0]);
  CHECK(last[1] == before[1]);
  CHECK(last[2] != before[2]);
  const auto middle = hashes(recipe_with("/stages/1/learning_rate", 1e-5));
  CHECK(middle[0] == before[0]);
  CHECK(middle[1] != before[1]);
  CHECK(middle[2] != before[2]);
  const auto first = hashes(recipe_with("/stages/0/max_steps", 3));
  for (size_t i = 0; i < 3; ++i) CHECK(first[i] != before[i]);
  const auto seed = hashes(recipe_with("/seed", 99));
  for (size_t i = 0; i < 3; ++i) CHECK(seed[i] != before[i]);
  CHECK(hashes(recipe_with("/speed/rows_per_thread", 3)) == before);
  CHECK(hashes(recipe_with("/description", "other words")) == before);

  auto more = good_recipe();
  more["stages"].push_back(more["stages"][2]);
  more["stages"][3]["name"] = "again";
  const auto longer = hashes(more);
  CHECK(std::vector(longer.begin(), longer.begin() + 3) == before);
}

TEST_CASE("hashes: the program of an external grader counts") {
  const TempFolder folder;
  const auto grader = folder.path() / "grader.py";
  const auto with = [&](const std::string& text) {
    write_file_atomic(grader, text);
    const json rewards = {
        {{"kind", "external"}, {"command", {"python3", grader.string()}}}};
    return stage_hashes(resolve_recipe(recipe_with("/stages/1/rewards", json::array({rewards[0]})),
                                       "r.json"));
  };
  const auto one = with("print(1)");
  CHECK(with("print(1)") == one);
  CHECK(with("print(2)")[1] != one[1]);
  CHECK(with("print(2)")[0] == one[0]);
}

TEST_CASE("hashes: the content of a data set counts, not its time or place") {
  const TempFolder folder;
  const auto path = folder.path() / "problems.jsonl";
  const auto with = [&](const std::string& text) {
    write_file_atomic(path, text);
    auto document = recipe_with("/stages/1/task", {{"kind", "jsonl"}, {"path", path.string()}});
    return stage_hashes(resolve_recipe(document, "r.json"));
  };
  const auto one = with("{\"prompt\": \"1\", \"gold\": \"1\"}\n");
  CHECK(with("{\"prompt\": \"1\", \"gold\": \"1\"}\n") == one);
  const auto other = with("{\"prompt\": \"1\", \"gold\": \"2\"}\n");
  CHECK(other[0] == one[0]);
  CHECK(other[1] != one[1]);
}
