#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/shutdown.h"
#include "tests/core/thrown_error.h"
#include "tests/rl/small_run.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

void check_same(const SmallRun& run, const SmallRun& whole) {
  for (const char* name : {"metrics", "completions", "evals"}) {
    CAPTURE(name);
    CHECK(run.lines(name) == whole.lines(name));
  }
  CHECK(run.weights() == whole.weights());
}

// Runs a stage that was killed after each of its steps and compares with one that never was.
void check_every_kill(json settings, int threads = 1) {
  settings["save_steps"] = 1000;
  SmallRun whole, saved;
  whole.threads = saved.threads = threads;
  REQUIRE(whole.grpo(small_grpo(settings)) == StageEnd::finished);
  const auto max_steps = small_grpo(settings).max_steps;
  REQUIRE(whole.lines("metrics").size() == static_cast<size_t>(max_steps));
  settings["save_steps"] = 1;
  saved.grpo(small_grpo(settings));
  check_same(saved, whole);
  for (int64_t step = 1; step <= max_steps; ++step) {
    CAPTURE(step);
    SmallRun killed;
    killed.threads = threads;
    saved.copy_to(killed);
    killed.kill_after(step);
    CHECK(killed.grpo(small_grpo(settings)) == StageEnd::finished);
    check_same(killed, whole);
  }
}

const json kMinibatches = {{"steps_per_generation", 2}, {"num_iterations", 2}, {"max_steps", 7}};

json with(json settings, const json& more) {
  settings.update(more);
  return settings;
}

// A stage that was killed inside of its first rollout.
void make_killed(const SmallRun& run) {
  request_shutdown();
  run.grpo(small_grpo(kMinibatches));
  clear_shutdown_request();
}

tests::ThrownError resume_error(const SmallRun& run) {
  return tests::thrown_by([&] { run.grpo(small_grpo(kMinibatches)); });
}

}  // namespace

TEST_SUITE_BEGIN("slow");

TEST_CASE("a killed and resumed stage is the uninterrupted one, evaluations included") {
  check_every_kill({{"max_steps", 5}, {"eval_prompts", 3}, {"eval_steps", 2}});
}

TEST_CASE("a stage that was killed inside of a rollout goes on with that rollout") {
  check_every_kill(kMinibatches, 2);
}

TEST_CASE("a resumed stage has the refreshed reference") {
  check_every_kill(with(kMinibatches, {{"beta", 0.05},
                                       {"kl_estimator", "k3"},
                                       {"sync_ref_model", true},
                                       {"ref_model_sync_steps", 3},
                                       {"ref_model_mixup_alpha", 0.6}}));
}

TEST_CASE("a resumed stage has the log-probabilities and the entropy coefficient of its rollout") {
  check_every_kill(with(kMinibatches, {{"loss_type", "reinforce_pp"},
                                       {"beta", 0.05},
                                       {"old_logprobs", "recompute"},
                                       {"importance_sampling_correction", "tis"},
                                       {"use_adaptive_entropy", true},
                                       {"entropy_target", 4.0},
                                       {"entropy_coef_delta", 0.01}}));
}

TEST_CASE("a resumed stage has the adapter and its reference is the base") {
  check_every_kill(with(kMinibatches, {{"use_peft", true},
                                       {"lora_target_modules", {"all-linear"}},
                                       {"lora_r", 4},
                                       {"beta", 0.05},
                                       {"kl_estimator", "k3"},
                                       {"gradient_checkpointing", true}}));
}

TEST_CASE("a resumed stage goes on behind the problems that dynamic sampling took") {
  check_every_kill(with(kMinibatches, {{"dynamic_sampling", true},
                                       {"rewards", {{{"kind", "random"}, {"probability", 0.2}}}},
                                       {"loss_type", "dapo"},
                                       {"scale_rewards", "batch"}}));
}

TEST_SUITE_END();

TEST_CASE("a stage that was stopped by request inside of a rollout ends as if it was not") {
  const auto config = small_grpo(kMinibatches);
  const SmallRun whole, stopped;
  whole.grpo(config);
  int stops = 0;
  for (const uint64_t place : {3, 9}) {  // in the first and in the second rollout
    Hooks hooks;
    // A resumed rollout asks for its problems again, which must not stop it again.
    hooks.on_draw = [&, place](uint64_t position) {
      if (position == place && stops < (place > 8 ? 2 : 1)) request_shutdown();
    };
    CHECK(stopped.grpo(config, std::move(hooks)) == StageEnd::stopped);
    clear_shutdown_request();
    ++stops;
    const auto found = newest_checkpoint(stopped.stage_folder());
    REQUIRE(found);
    CHECK(found->step == (stops == 1 ? 1 : 5));
    CHECK_FALSE(load_checkpoint_rollout(found->folder).empty());
  }
  CHECK(stopped.grpo(config) == StageEnd::finished);
  check_same(stopped, whole);
}

TEST_CASE("a finished stage that is run again changes nothing") {
  const SmallRun run, whole;
  whole.grpo(small_grpo(kMinibatches));
  run.grpo(small_grpo(kMinibatches));
  CHECK(run.grpo(small_grpo(kMinibatches)) == StageEnd::finished);
  check_same(run, whole);
}

TEST_CASE("a checkpoint of another recipe is not gone on from") {
  SmallRun run;
  make_killed(run);
  run.hash = "fedcba9876543210";
  const auto error = resume_error(run);
  CHECK(error.code == ErrorCode::invalid_argument);
  CHECK(error.says("fedcba9876543210"));
}

TEST_CASE("a damaged checkpoint of a stage is an error that names the file") {
  struct Damage {
    const char *file, *from, *to;
  };
  const SmallRun killed;
  make_killed(killed);
  for (const Damage& damage :
       {Damage{"state.json", "\"cursor\"", "\"curser\""},
        Damage{"state.json", "\"num_tokens\": ", "\"num_tokens\": \"\", \"x\": "},
        Damage{"rollout.jsonl", "\"first_step\"", "\"second_step\""},
        Damage{"rollout.jsonl", "\"problem\"", "\"question\""},
        Damage{"rollout.jsonl", "\"ids\":[", "\"ids\":[3,"},
        Damage{"rollout.jsonl", "\"scores\":[", "\"scores\":[],\"x\":["},
        Damage{"rollout.jsonl", "\"gap\":[", "\"gap\":[],\"x\":["},
        Damage{"rollout.jsonl", "{", ""}}) {
    CAPTURE(damage.from);
    const SmallRun run;
    killed.copy_to(run);
    const auto path = newest_checkpoint(run.stage_folder())->folder / damage.file;
    std::string text = read_file(path);
    const size_t at = text.find(damage.from);
    REQUIRE(at != std::string::npos);
    write_file_atomic(path, text.replace(at, std::string_view(damage.from).size(), damage.to));
    const auto error = resume_error(run);
    CHECK(error.code == ErrorCode::corrupt);
    CHECK(error.says(damage.file));
  }
}

TEST_CASE("a rollout with too few groups or none is an error, not a crash") {
  for (const bool none : {true, false}) {
    const SmallRun run;
    make_killed(run);
    const auto path = newest_checkpoint(run.stage_folder())->folder / "rollout.jsonl";
    const std::string text = read_file(path);
    if (none) {
      std::filesystem::remove(path);
    } else {
      write_file_atomic(path, text.substr(0, text.rfind('\n', text.size() - 2) + 1));
    }
    const auto error = resume_error(run);
    CHECK(error.code == ErrorCode::corrupt);
    CHECK(error.says("expected 8 groups of 4 scored completions"));
  }
}
