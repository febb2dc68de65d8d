#include "watch/hints.h"

#include <doctest/doctest.h>

#include <functional>

using namespace reckon;
using namespace reckon::watch;

namespace {

using Curve = std::function<double(int64_t)>;

// A run of `steps` steps in which one number follows a curve.
RunFolder run_with(const std::string& key, int64_t steps, const Curve& curve) {
  RunFolder run;
  StageMetrics metrics{"zero", "grpo", {}, {}};
  for (int64_t step = 1; step <= steps; ++step) {
    metrics.steps.push_back(step);
    metrics.columns[key].push_back(curve(step));
  }
  run.metrics.push_back(metrics);
  run.stages.push_back({"zero", "grpo"});
  return run;
}

std::vector<Hint> hints(const RunFolder& run) { return find_hints(run, RunSummary{}, 0.0); }

// Whether there is one hint, and it is the one that the documentation has under `place`.
bool only(const std::vector<Hint>& found, const std::string& place,
          const std::string& level = "warning") {
  return found.size() == 1 && found[0].link == "docs/watch.md#" + place && found[0].level == level;
}

}  // namespace

TEST_CASE("Each hint is given beyond its limit and not below") {
  const auto constant = [](double value) { return [value](int64_t) { return value; }; };
  const auto falls = [](double before, double after) {
    return [before, after](int64_t step) { return step <= 40 ? before : after; };
  };
  SUBCASE("groups without signal") {
    CHECK(only(hints(run_with("frac_reward_zero_std", 12, constant(0.95))),
               "all-groups-without-signal"));
    CHECK(hints(run_with("frac_reward_zero_std", 12, constant(0.85))).empty());
    CHECK(hints(run_with("frac_reward_zero_std", 9, constant(0.95))).empty());
  }
  SUBCASE("length") {
    const std::string key = "completions/mean_length";
    CHECK(only(hints(run_with(key, 60, falls(100.0, 35.0))), "length-collapse"));
    CHECK(hints(run_with(key, 60, falls(100.0, 45.0))).empty());
    CHECK(hints(run_with(key, 60, falls(30.0, 100.0))).empty());
  }
  SUBCASE("entropy") {
    CHECK(only(hints(run_with("entropy", 60, falls(1.0, 0.09))), "entropy-collapse"));
    CHECK(only(hints(run_with("entropy", 60, constant(0.01))), "entropy-collapse"));
    CHECK(hints(run_with("entropy", 60, falls(1.0, 0.2))).empty());
  }
  SUBCASE("answers cut off") {
    const std::string key = "completions/clipped_ratio";
    CHECK(only(hints(run_with(key, 10, constant(0.6))), "most-answers-cut-off"));
    CHECK(hints(run_with(key, 10, constant(0.4))).empty());
  }
  SUBCASE("gap of sampler and trainer") {
    const std::string key = "sampling/sampling_logp_difference/mean";
    CHECK(only(hints(run_with(key, 10, constant(0.06))), "gap-above-its-bound"));
    CHECK(hints(run_with(key, 10, constant(0.04))).empty());
    auto run = run_with("sampling/mismatch_k3", 10, constant(0.02));
    CHECK(only(hints(run), "gap-above-its-bound"));
    run.stages[0].mismatch_stop = 1.0;
    CHECK(hints(run).empty());
  }
  SUBCASE("reward") {
    CHECK(only(hints(run_with("reward", 120, constant(0.5))), "reward-does-not-move", "info"));
    CHECK(hints(run_with("reward", 90, constant(0.5))).empty());
    CHECK(hints(run_with("reward", 120, [](int64_t s) { return 0.001 * double(s); })).empty());
  }
  SUBCASE("gradient") {
    CHECK(only(hints(run_with("grad_norm", 10, constant(0.0))), "gradient-is-zero"));
    CHECK(hints(run_with("grad_norm", 10, constant(1e-6))).empty());
  }
}

TEST_CASE("A run without steps, and one of another kind, get no hints") {
  CHECK(hints(RunFolder{}).empty());
  auto run = run_with("grad_norm", 10, [](int64_t) { return 0.0; });
  run.metrics[0].kind = "sft";
  CHECK(hints(run).empty());
}

TEST_CASE("A run that died, is stuck or failed is said so first, with where it was") {
  RunSummary summary;
  summary.about.status = RunStatus{};
  summary.about.status->state = "running";
  summary.about.status->stage = "zero";
  summary.about.status->phase = "rollout";
  summary.about.status->heartbeat = 1000.0;
  const auto run = run_with("grad_norm", 10, [](int64_t) { return 0.0; });
  CHECK(find_hints(run, summary, 1030.0).size() == 1);
  const auto stuck = find_hints(run, summary, 1100.0);
  REQUIRE(stuck.size() == 2);
  CHECK(stuck[0].text.find("stuck in phase rollout of stage zero") != std::string::npos);
  summary.has_lock = false;
  CHECK(find_hints(run, summary, 1030.0)[0].text.find("process is gone") != std::string::npos);
  summary.about.status->state = "failed";
  summary.about.status->message = "no disk";
  CHECK(find_hints(run, summary, 1030.0)[0].text == "The run failed: no disk");
}
