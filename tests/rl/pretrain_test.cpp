#include "rl/pretrain.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/shutdown.h"
#include "tests/rl/small_run.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

const json kGate = {{"eval_prompts", 4},
                    {"forbid", "</think>"},
                    {"until", "yes"},
                    {"forced_accuracy", 0.9},
                    {"extra_steps", 4},
                    {"max_extensions", 2},
                    {"max_completion_length", 8},
                    {"rewards", {{{"kind", "format"}}}}};

void check_same(const SmallRun& run, const SmallRun& whole) {
  for (const char* name : {"metrics", "evals"}) CHECK(run.lines(name) == whole.lines(name));
  CHECK(run.weights() == whole.weights());
}

// Runs a stage that was killed after each of its checkpoints and compares with one that never was.
void check_every_kill(json settings, int64_t steps) {
  const SmallRun whole, saved;
  REQUIRE(whole.pretrain(small_pretrain(settings)) == StageEnd::finished);
  CHECK(whole.objects("metrics").back().at("step") == steps);
  settings["save_steps"] = 1;
  saved.pretrain(small_pretrain(settings));
  check_same(saved, whole);
  for (int64_t step = 1; step <= steps; ++step) {
    CAPTURE(step);
    const SmallRun killed;
    saved.copy_to(killed);
    killed.kill_after(step);
    CHECK(killed.pretrain(small_pretrain(settings)) == StageEnd::finished);
    check_same(killed, whole);
  }
}

std::vector<double> column(const SmallRun& run, const std::string& key) {
  std::vector<double> values;
  for (const json& line : run.objects("metrics")) values.push_back(line.at(key).get<double>());
  return values;
}

}  // namespace

TEST_CASE("pretraining lowers the loss and counts its tokens") {
  const SmallRun run;
  run.pretrain(small_pretrain({{"max_steps", 40}, {"tokens_per_step", 512}, {"logging_steps", 1}}));
  const auto loss = column(run, "loss"), tokens = column(run, "num_tokens");
  REQUIRE(loss.size() == 40);
  CHECK(loss.front() > 4.5);  // log 170 is 5.1
  CHECK(loss.back() < loss.front() - 1.5);
  CHECK(column(run, "mean_token_accuracy").back() > 0.2);
  for (size_t i = 0; i < tokens.size(); ++i) {
    const double more = tokens[i] - (i > 0 ? tokens[i - 1] : 0.0);
    CHECK(more <= 512.0);
    CHECK(more > 256.0);
  }
}

TEST_CASE("a metrics line is the mean over its steps") {
  const SmallRun single, window;
  single.pretrain(small_pretrain({{"logging_steps", 1}, {"max_steps", 5}}));
  window.pretrain(small_pretrain({{"logging_steps", 2}, {"max_steps", 5}}));
  const auto every = column(single, "loss"), second = column(window, "loss");
  REQUIRE(second.size() == 3);
  CHECK(second[0] == doctest::Approx((every[0] + every[1]) / 2.0).epsilon(1e-12));
  CHECK(second[2] == doctest::Approx(every[4]).epsilon(1e-12));
  CHECK(column(window, "num_tokens").back() == column(single, "num_tokens").back());
  CHECK(single.weights() == window.weights());
}

TEST_CASE("the cut into micro-batches leaves what is learnt") {
  const SmallRun whole, cut;
  whole.pretrain(small_pretrain({{"logging_steps", 1}, {"max_steps", 3}}));
  cut.pretrain(
      small_pretrain({{"logging_steps", 1}, {"max_steps", 3}, {"micro_batch_tokens", 50}}));
  const auto a = column(whole, "loss"), b = column(cut, "loss");
  for (size_t i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-4));
  const auto c = column(whole, "grad_norm"), d = column(cut, "grad_norm");
  for (size_t i = 0; i < c.size(); ++i) CHECK(c[i] == doctest::Approx(d[i]).epsilon(1e-3));
}

TEST_CASE("a shutdown leaves a checkpoint after the step under way, also between metrics lines") {
  const auto config = small_pretrain({{"logging_steps", 5}});
  const SmallRun whole, stopped;
  whole.pretrain(config);
  Hooks hooks;
  hooks.on_draw = [](uint64_t document) {
    if (document == 20) request_shutdown();
  };
  CHECK(stopped.pretrain(config, std::move(hooks)) == StageEnd::stopped);
  clear_shutdown_request();
  const auto found = newest_checkpoint(stopped.stage_folder());
  REQUIRE(found);
  CHECK(found->step % 5 != 0);
  CHECK(stopped.pretrain(config) == StageEnd::finished);
  check_same(stopped, whole);
}

TEST_CASE("a gate that is not passed adds steps until its extensions end") {
  const SmallRun run;
  CHECK(run.pretrain(small_pretrain({{"max_steps", 4}, {"logging_steps", 1}, {"gate", kGate}})) ==
        StageEnd::finished);
  CHECK(run.objects("metrics").size() == 12);
  const auto evals = run.objects("evals");
  REQUIRE(evals.size() == 3);
  for (int64_t i = 0; i < 3; ++i) {
    const json& gate = evals[static_cast<size_t>(i)].at("gate");
    CHECK(evals[static_cast<size_t>(i)].at("step") == 4 * (i + 1));
    CHECK(gate.at("extensions") == i);
    CHECK(gate.at("passed") == false);
    CHECK(gate.at("wanted") == 0.9);
  }
  // Each extension falls from half of the peak.
  const auto rates = column(run, "learning_rate");
  for (const size_t step : {4, 8}) {
    CHECK(rates[step] == doctest::Approx(3e-3 * 0.5 * 0.75));
    CHECK(rates[step + 3] == doctest::Approx(0.0));
  }
}

TEST_CASE("a gate that is passed adds none") {
  const SmallRun run;
  json gate = kGate;
  gate["forced_accuracy"] = 0.0;
  run.pretrain(small_pretrain({{"max_steps", 3}, {"gate", gate}}));
  CHECK(run.objects("metrics").back().at("step") == 3);
  REQUIRE(run.objects("evals").size() == 1);
  CHECK(run.objects("evals")[0].at("gate").at("passed") == true);
}

TEST_SUITE_BEGIN("slow");

TEST_CASE("a killed and resumed pretraining is the uninterrupted one") {
  check_every_kill({{"max_steps", 7}, {"logging_steps", 3}}, 7);
}

TEST_CASE("a pretraining that was killed around its gate is the uninterrupted one") {
  check_every_kill({{"max_steps", 3}, {"logging_steps", 2}, {"gate", kGate}}, 11);
}

TEST_SUITE_END();
