#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/json.h"
#include "core/jsonl.h"
#include "core/shutdown.h"
#include "rl/sample.h"
#include "tests/core/thrown_error.h"
#include "tests/rl/hooked_tokenizer.h"
#include "tests/rl/small_run.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

// Rounds, duplicates that only an earlier batch shows, limits and repetition.
const json kSettings = {
    {"num_prompts", 6},    {"num_generations", 3},       {"max_completion_length", 2},
    {"temperature", 0.05}, {"correct", false},           {"min_kept", 20},
    {"max_rounds", 3},     {"balance_by", "difficulty"}, {"prompts_per_batch", 4},
    {"max_per_prompt", 2}};

struct Killed {};

// Ends the stage when it asks for problem `position`, as a kill between two batches would.
void kill_at(const SmallRun& run, uint64_t position) {
  Hooks hooks;
  hooks.on_draw = [&](uint64_t asked) {
    if (asked == position) throw Killed{};
  };
  CHECK_THROWS_AS(run.sample(small_sample(kSettings), std::move(hooks)), Killed);
}

// What a program that was killed inside of a batch wrote behind the last finished one.
void add_half_batch(const SmallRun& run) {
  for (const char* name : {"kept.partial.jsonl", "dropped.partial.jsonl"}) {
    const auto path = run.stage_folder() / name;
    write_file_atomic(path, read_file(path) + "{\"prompt\": \"of the killed batch\"}\n{\"prom");
  }
  const auto metrics = run.path() / "metrics.jsonl";
  write_file_atomic(metrics, read_file(metrics) + "{\"stage\": \"only\", \"step\": 99}\n");
}

void check_same(const SmallRun& run, const SmallRun& whole) {
  for (const char* name : {"samples.jsonl", "dropped.jsonl", "summary.json"}) {
    CAPTURE(name);
    CHECK(run.stage_file(name) == whole.stage_file(name));
  }
  CHECK(run.lines("metrics") == whole.lines("metrics"));
}

std::vector<std::string> names(const SmallRun& run) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(run.stage_folder())) {
    found.push_back(entry.path().filename().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

TEST_SUITE_BEGIN("slow");

TEST_CASE("a sample stage that was killed after any batch gives the same bytes") {
  const SmallRun whole;
  whole.sample(small_sample(kSettings));
  const auto found = read_sample_summary(whole.stage_folder());
  REQUIRE(found.prompts > 6);
  REQUIRE(found.dropped.contains("over_max_per_prompt"));
  for (const uint64_t position : {0, 2, 4, 6, 8, 10}) {
    CAPTURE(position);
    const SmallRun killed;
    kill_at(killed, position);
    add_half_batch(killed);
    CHECK(killed.sample(small_sample(kSettings)) == StageEnd::finished);
    check_same(killed, whole);
    CHECK(names(killed) == names(whole));
  }
}

TEST_SUITE_END();

TEST_CASE("a resumed sample stage knows the completions that it kept before") {
  // One problem again and again: what the first batch kept, the second must not keep.
  class OneProblem : public tasks::ProblemSource {
   public:
    explicit OneProblem(OnDraw on_draw) : inner_(small_task(std::move(on_draw))) {}
    tasks::Problem at(uint64_t position) const override {
      inner_->at(position);
      auto problem = small_task()->at(0);
      problem.index = static_cast<uint32_t>(position);
      return problem;
    }
    uint64_t num_held_out() const override { return 0; }
    std::vector<tasks::Problem> held_out(uint64_t) const override { return {}; }
    std::string summary() const override { return "one problem"; }

   private:
    std::unique_ptr<tasks::ProblemSource> inner_;
  };
  const auto config = small_sample({{"correct", false}, {"temperature", 0.01}});
  const auto run_until = [&](const SmallRun& run, uint64_t position) {
    Hooks hooks;
    hooks.task = std::make_unique<OneProblem>([position](uint64_t asked) {
      if (asked == position) throw Killed{};
    });
    return run.sample(config, std::move(hooks));
  };
  const SmallRun whole, killed;
  run_until(whole, 1000);
  REQUIRE(read_sample_summary(whole.stage_folder()).dropped.at("duplicate") > 20);
  CHECK_THROWS_AS(run_until(killed, 8), Killed);
  run_until(killed, 1000);
  check_same(killed, whole);
}

TEST_CASE("a sample stage that was stopped by request keeps its finished batches") {
  const auto config = small_sample(json::object());
  const SmallRun whole, stopped;
  whole.sample(config);
  Hooks hooks;
  hooks.on_draw = [](uint64_t position) {
    if (position == 9) request_shutdown();  // before the third batch is sampled
  };
  CHECK(stopped.sample(config, std::move(hooks)) == StageEnd::stopped);
  clear_shutdown_request();
  CHECK(newest_checkpoint(stopped.stage_folder())->step == 2);
  CHECK_FALSE(std::filesystem::exists(stopped.stage_folder() / "samples.jsonl"));
  uint64_t first = 1000;
  Hooks again;
  again.on_draw = [&](uint64_t position) { first = std::min(first, position); };
  CHECK(stopped.sample(config, std::move(again)) == StageEnd::finished);
  CHECK(first == 8);
  check_same(stopped, whole);
}

TEST_CASE("a sample stage that could not write its result needs no new samples") {
  const auto config = small_sample(kSettings);
  const SmallRun whole, run;
  whole.sample(config);
  for (const char* name : {"dropped.jsonl", "samples.jsonl", "summary.json"}) {
    CAPTURE(name);
    const auto path = run.stage_folder() / name;
    std::filesystem::create_directories(path / "in the way");
    CHECK(tests::thrown_by([&] { run.sample(config); }).code == ErrorCode::io);
    std::filesystem::remove_all(path);
  }
  Hooks hooks;
  hooks.on_draw = [](uint64_t) { throw Killed{}; };
  CHECK(run.sample(config, std::move(hooks)) == StageEnd::finished);
  check_same(run, whole);
}

TEST_CASE("a finished sample stage that is run again changes nothing and samples nothing") {
  const auto config = small_sample(kSettings);
  const SmallRun run, whole;
  whole.sample(config);
  run.sample(config);
  Hooks hooks;
  hooks.on_draw = [](uint64_t) { throw Killed{}; };
  CHECK(run.sample(config, std::move(hooks)) == StageEnd::finished);
  check_same(run, whole);
  CHECK(names(run) == names(whole));
  CHECK(names(run).size() == 4);  // three files and one checkpoint
}

TEST_CASE("partial files that are shorter than the state says are refused") {
  const SmallRun run;
  kill_at(run, 8);
  write_file_atomic(run.stage_folder() / "dropped.partial.jsonl", "");
  const auto error = tests::thrown_by([&] { run.sample(small_sample(kSettings)); });
  CHECK(error.code == ErrorCode::corrupt);
  CHECK(error.says("dropped.partial.jsonl"));
}

TEST_CASE("a sample stage does not go on from the state of another recipe") {
  SmallRun run;
  kill_at(run, 8);
  run.hash = "fedcba9876543210";
  CHECK(tests::thrown_by([&] { run.sample(small_sample(kSettings)); }).code ==
        ErrorCode::invalid_argument);
}
