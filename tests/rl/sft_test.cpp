#include "rl/sft.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/json.h"
#include "core/shutdown.h"
#include "tests/rl/small_run.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

void check_same(const SmallRun& run, const SmallRun& whole) {
  CHECK(run.lines("metrics") == whole.lines("metrics"));
  CHECK(run.weights() == whole.weights());
}

// Runs a stage that was killed after each of its checkpoints and compares with one that never was.
void check_every_kill(json settings) {
  const SmallRun whole, saved;
  REQUIRE(whole.sft(small_sft(settings)) == StageEnd::finished);
  settings["save_steps"] = 1;
  saved.sft(small_sft(settings));
  check_same(saved, whole);
  const auto steps = whole.objects("metrics").back().at("step").get<int64_t>();
  REQUIRE(steps > 3);
  for (int64_t step = 1; step <= steps; ++step) {
    CAPTURE(step);
    const SmallRun killed;
    saved.copy_to(killed);
    killed.kill_after(step);
    CHECK(killed.sft(small_sft(settings)) == StageEnd::finished);
    check_same(killed, whole);
  }
}

}  // namespace

TEST_CASE("finetuning learns its documents by heart and counts what it saw") {
  const SmallRun run;
  CHECK(run.sft(small_sft({{"num_train_epochs", 30},
                           {"logging_steps", 1},
                           {"lr_scheduler_type", "cosine_with_min_lr"},
                           {"lr_scheduler_kwargs", {{"min_lr_ratio", 0.1}}}})) ==
        StageEnd::finished);
  const auto lines = run.objects("metrics");
  CHECK(lines.front().at("kind") == "sft");
  CHECK(lines.front().at("loss").get<double>() > 4.5);  // log 170 is 5.1
  CHECK(lines.back().at("loss").get<double>() < 2.0);
  CHECK(lines.back().at("epoch").get<double>() == doctest::Approx(30.0));
  CHECK(lines.back().at("step") == lines.size());
  // The schedule knows its end, though nobody said how many steps there are.
  const double last = lines.back().at("learning_rate").get<double>();
  CHECK(last > 3e-4);
  CHECK(last < 3.2e-4);
  // Every epoch has the same documents.
  CHECK(lines.back().at("num_tokens").get<int64_t>() % 30 == 0);
}

TEST_CASE("an interrupted finetuning counts the cost of all its tokens once") {
  const SmallRun run;
  run.sft(small_sft({{"logging_steps", 1}, {"save_steps", 1}}));
  const auto tokens = run.objects("metrics").back().at("num_tokens").get<int64_t>();
  CHECK(read_json_file(run.path() / "cost.json").at("trained_tokens") == tokens);
  run.kill_after(2);
  run.sft(small_sft({{"logging_steps", 1}, {"save_steps", 1}}));
  CHECK(read_json_file(run.path() / "cost.json").at("trained_tokens") == tokens);
}

TEST_CASE("max_steps takes the place of epochs") {
  const SmallRun run;
  run.sft(small_sft({{"max_steps", 3}, {"logging_steps", 1}}));
  CHECK(run.objects("metrics").size() == 3);
  const SmallRun longer;
  longer.sft(small_sft({{"max_steps", 40}, {"logging_steps", 40}}));
  CHECK(longer.objects("metrics").back().at("epoch").get<double>() > 3.0);
}

TEST_CASE("the cut into micro-batches leaves what is learnt") {
  const SmallRun whole, cut;
  whole.sft(small_sft({{"logging_steps", 1}, {"max_steps", 3}}));
  cut.sft(small_sft({{"logging_steps", 1}, {"max_steps", 3}, {"micro_batch_tokens", 50}}));
  const auto a = whole.objects("metrics"), b = cut.objects("metrics");
  for (size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i]["loss"].get<double>() == doctest::Approx(b[i]["loss"].get<double>()).epsilon(1e-4));
    CHECK(a[i]["grad_norm"].get<double>() ==
          doctest::Approx(b[i]["grad_norm"].get<double>()).epsilon(1e-3));
  }
}

TEST_CASE("an adapter is trained beside a frozen model and is written as one") {
  const SmallRun run;
  CHECK(run.sft(small_sft({{"use_peft", true},
                           {"lora_target_modules", {"all-linear"}},
                           {"lora_r", 4},
                           {"num_train_epochs", 10},
                           {"logging_steps", 1}})) == StageEnd::finished);
  CHECK(std::filesystem::exists(run.stage_folder() / "adapter" / "adapter_config.json"));
  const auto lines = run.objects("metrics");
  CHECK(lines.back().at("loss").get<double>() < lines.front().at("loss").get<double>() - 0.2);
}

TEST_CASE("a shutdown leaves a checkpoint after the step under way") {
  const auto config = small_sft({{"logging_steps", 5}});
  const SmallRun whole, stopped;
  whole.sft(config);
  request_shutdown();
  CHECK(stopped.sft(config) == StageEnd::stopped);
  clear_shutdown_request();
  const auto found = newest_checkpoint(stopped.stage_folder());
  REQUIRE(found);
  CHECK(found->step == 1);
  CHECK(stopped.sft(config) == StageEnd::finished);
  check_same(stopped, whole);
}

TEST_SUITE_BEGIN("slow");

TEST_CASE("a killed and resumed finetuning is the uninterrupted one") {
  check_every_kill({{"num_train_epochs", 1.5}, {"logging_steps", 3}});
}

TEST_CASE("a killed and resumed finetuning of an adapter is the uninterrupted one") {
  check_every_kill({{"num_train_epochs", 1},
                    {"use_peft", true},
                    {"lora_target_modules", {"all-linear"}},
                    {"lora_r", 4},
                    {"gradient_checkpointing", true}});
}

TEST_SUITE_END();
