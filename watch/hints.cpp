#include "watch/hints.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "core/progress.h"

namespace reckon::watch {

namespace {

using Values = std::span<const double>;

/// The columns of one stage.
class Columns {
 public:
  explicit Columns(const StageMetrics& metrics) : metrics_(metrics) {}

  size_t rows() const { return metrics_.steps.size(); }

  Values all(const std::string& key) const {
    const auto found = metrics_.columns.find(key);
    return found == metrics_.columns.end() ? Values{} : Values(found->second);
  }

  // The newest `count` values; none where there are fewer.
  Values last(const std::string& key, size_t count) const {
    const Values values = all(key);
    return values.size() < count ? Values{} : values.last(count);
  }

  // Mean of the newest `count` values that are there; NaN where fewer steps are on record.
  double mean_of_last(const std::string& key, size_t count) const { return mean(last(key, count)); }

  static double mean(Values values) {
    double sum = 0.0;
    size_t count = 0;
    for (const double value : values) {
      if (!std::isfinite(value)) continue;
      sum += value;
      ++count;
    }
    return count == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(count);
  }

  // Largest mean over `count` neighbours.
  static double largest_mean(Values values, size_t count) {
    double largest = -std::numeric_limits<double>::infinity();
    for (size_t at = 0; at + count <= values.size(); at += count) {
      const double value = mean(values.subspan(at, count));
      if (value > largest) largest = value;
    }
    return largest;
  }

 private:
  const StageMetrics& metrics_;
};

std::string percent(double share) { return fmt::format("{:.0f} %", 100.0 * share); }

class Finder {
 public:
  Finder(const Columns& columns, const HintLimits& limits) : columns_(columns), limits_(limits) {}

  std::vector<Hint> take() { return std::move(hints_); }

  void warn(const char* place, std::string text) { add("warning", place, std::move(text)); }
  void inform(const char* place, std::string text) { add("info", place, std::move(text)); }

  void signal() {
    const double share = columns_.mean_of_last("frac_reward_zero_std", limits_.window);
    if (!(share > limits_.no_signal)) return;
    warn("all-groups-without-signal",
         fmt::format("{} of the answers are in groups whose rewards are all equal, so they teach "
                     "nothing. The problems are too easy or too hard for this policy.",
                     percent(share)));
  }

  void length() {
    const std::string key = "completions/mean_length";
    const double now = columns_.mean_of_last(key, limits_.window);
    const double longest = Columns::largest_mean(columns_.all(key), limits_.window);
    if (!(now < limits_.length_collapse * longest)) return;
    warn("length-collapse",
         fmt::format("Answers have {:.0f} tokens now and had {:.0f}: the policy stopped thinking "
                     "aloud.",
                     now, longest));
  }

  void entropy() {
    const double now = columns_.mean_of_last("entropy", limits_.window);
    const Values all = columns_.all("entropy");
    if (!std::isfinite(now)) return;
    const double first = Columns::mean(all.first(limits_.window));
    if (!(now < limits_.entropy_floor || now < limits_.entropy_collapse * first)) return;
    warn("entropy-collapse",
         fmt::format("The entropy fell from {:.2g} to {:.2g} nats: samples of one prompt are "
                     "nearly the same, and little new is tried.",
                     first, now));
  }

  void cut_off() {
    const double share = columns_.mean_of_last("completions/clipped_ratio", limits_.window);
    if (!(share > limits_.cut_off)) return;
    warn("most-answers-cut-off",
         fmt::format("{} of the answers are cut off before they end. Raise max_completion_length, "
                     "or find out why the policy does not stop.",
                     percent(share)));
  }

  void gap(double stop) {
    const double difference =
        columns_.mean_of_last("sampling/sampling_logp_difference/mean", limits_.window);
    if (difference > limits_.sampler_gap) {
      warn("gap-above-its-bound",
           fmt::format("Sampler and trainer differ by {:.2g} nats a token; {:g} is the bound. The "
                       "policy learns from samples that are not its own.",
                       difference, limits_.sampler_gap));
    }
    const double k3 = columns_.mean_of_last("sampling/mismatch_k3", 1);
    if (k3 > limits_.near_stop * stop) {
      warn("gap-above-its-bound",
           fmt::format("The gap of sampler and trainer (mismatch_k3) is {:.2g}; at {:g} the run "
                       "stops.",
                       k3, stop));
    }
  }

  void flat_reward() {
    const Values values = columns_.last("reward", limits_.flat_window);
    if (values.empty()) return;
    const size_t half = values.size() / 2;
    const double before = Columns::mean(values.first(half));
    const double after = Columns::mean(values.last(half));
    if (!(std::abs(after - before) < limits_.flat_change)) return;
    inform("reward-does-not-move",
           fmt::format("The reward has been near {:.2f} for {} steps.", after, values.size()));
  }

  void gradient() {
    const Values values = columns_.last("grad_norm", limits_.window);
    if (values.empty()) return;
    if (!std::all_of(values.begin(), values.end(), [](double value) { return value == 0.0; })) {
      return;
    }
    warn("gradient-is-zero",
         fmt::format("The gradient was zero in the last {} steps: nothing is learned.",
                     values.size()));
  }

 private:
  void add(const char* level, const char* place, std::string text) {
    hints_.push_back({level, std::move(text), fmt::format("docs/watch.md#{}", place)});
  }

  const Columns& columns_;
  const HintLimits& limits_;
  std::vector<Hint> hints_;
};

// The stage that the run is in or was in last, of those that learn from rewards.
const StageMetrics* stage_to_judge(const RunFolder& run) {
  const StageMetrics* newest = nullptr;
  for (const StageMetrics& metrics : run.metrics) {
    if (is_reinforcement(metrics.kind) && !metrics.steps.empty()) newest = &metrics;
  }
  return newest;
}

void judge_life(Finder& finder, const RunSummary& summary, double now) {
  const auto& status = summary.about.status;
  if (!status) return;
  const std::string age = format_duration(std::max(0.0, now - status->heartbeat));
  if (summary.state() == "dead") {
    finder.warn("stalled-and-dead-runs",
                fmt::format("The run ended without a word {} ago, in phase {} of stage {}: its "
                            "process is gone. The same command goes on from its last checkpoint.",
                            age, status->phase, status->stage));
  } else if (summary.is_stalled(now)) {
    finder.warn("stalled-and-dead-runs",
                fmt::format("The run has said nothing for {}. It is stuck in phase {} of stage {}.",
                            age, status->phase, status->stage));
  } else if (status->state == "failed") {
    finder.warn("stalled-and-dead-runs", "The run failed: " + status->message);
  }
}

}  // namespace

std::vector<Hint> find_hints(const RunFolder& run, const RunSummary& summary, double now,
                             const HintLimits& limits) {
  const StageMetrics* metrics = stage_to_judge(run);
  const StageMetrics none;
  const Columns columns(metrics == nullptr ? none : *metrics);
  Finder finder(columns, limits);
  judge_life(finder, summary, now);
  if (metrics != nullptr) {
    const RunStage* stage = run.find_stage(metrics->stage);
    finder.signal();
    finder.length();
    finder.entropy();
    finder.cut_off();
    finder.gap(stage == nullptr ? limits.default_stop
                                : stage->mismatch_stop.value_or(limits.default_stop));
    finder.gradient();
    finder.flat_reward();
  }
  return finder.take();
}

}  // namespace reckon::watch
