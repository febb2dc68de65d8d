#include "watch/headline.h"

#include <algorithm>

namespace reckon::watch {

namespace {

bool is_sampled(const Evaluation& evaluation) {
  return evaluation.value("sampling/temperature").value_or(1.0) > 0.0;
}

std::string kind_of(const RunFolder& run, const std::string& stage) {
  const RunStage* found = run.find_stage(stage);
  return found == nullptr ? std::string() : found->kind;
}

// The data set that the curve is drawn on: the held-out one where there is one.
std::string main_data(const RunFolder& run) {
  const auto held_out =
      std::find_if(run.evaluations.begin(), run.evaluations.end(),
                   [](const Evaluation& evaluation) { return evaluation.data == "held_out"; });
  if (held_out != run.evaluations.end()) return held_out->data;
  return run.evaluations.empty() ? std::string() : run.evaluations.front().data;
}

// The stages whose evaluations are the curve: all that learn from rewards, else the last one that
// trained and was evaluated.
std::vector<std::string> curve_stages(const RunFolder& run) {
  std::vector<std::string> stages;
  for (const RunStage& stage : run.stages) {
    if (is_reinforcement(stage.kind)) stages.push_back(stage.name);
  }
  if (!stages.empty()) return stages;
  for (auto at = run.evaluations.rbegin(); at != run.evaluations.rend(); ++at) {
    const std::string kind = kind_of(run, at->stage);
    if (!kind.empty() && kind != "eval") return {at->stage};
  }
  return stages;
}

}  // namespace

std::vector<CurvePoint> held_out_curve(const RunFolder& run) {
  const std::string data = main_data(run);
  const std::vector<std::string> stages = curve_stages(run);
  std::vector<CurvePoint> points;
  const Evaluation* before = nullptr;
  for (const Evaluation& evaluation : run.evaluations) {
    if (evaluation.data != data || !is_sampled(evaluation)) continue;
    const bool on_curve = std::find(stages.begin(), stages.end(), evaluation.stage) != stages.end();
    if (on_curve) {
      const RunStage* stage = run.find_stage(evaluation.stage);
      const bool reinforcement = is_reinforcement(stage->kind);
      points.push_back({evaluation.step + (reinforcement ? stage->offset : 0), &evaluation});
    } else if (points.empty() && kind_of(run, evaluation.stage) != "eval") {
      before = &evaluation;
    }
  }
  if (before != nullptr && !points.empty() && points.front().step > 0) {
    points.insert(points.begin(), CurvePoint{0, before});
  }
  std::stable_sort(points.begin(), points.end(),
                   [](const CurvePoint& a, const CurvePoint& b) { return a.step < b.step; });
  return points;
}

std::optional<Measurement> measure(const CurvePoint& point, const std::string& key) {
  const std::optional<double> value = point.evaluation->value(key);
  if (!value) return std::nullopt;
  return Measurement{point.step, *value, point.evaluation->value(key + "_interval/low"),
                     point.evaluation->value(key + "_interval/high")};
}

Headline headline(const RunFolder& run) {
  const std::vector<CurvePoint> points = held_out_curve(run);
  Headline result;
  if (points.empty()) return result;
  result.data = points.front().evaluation->data;
  const auto change = [&](const std::string& key) -> std::optional<Change> {
    const std::optional<Measurement> before = measure(points.front(), key);
    const std::optional<Measurement> after = measure(points.back(), key);
    if (!before || !after) return std::nullopt;
    return Change{*before, *after};
  };
  result.accuracy = change("accuracy");
  result.accuracy_greedy = change("accuracy_greedy");
  result.mean_length = change("mean_length");
  result.retries = change("reflection/wait");
  return result;
}

}  // namespace reckon::watch
