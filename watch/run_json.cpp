#include "watch/run_json.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace reckon::watch {

using nlohmann::json;

json number_json(double value) {
  if (!std::isfinite(value)) return nullptr;
  const std::string text = fmt::format("{:.6g}", value);
  double rounded = 0.0;
  std::from_chars(text.data(), text.data() + text.size(), rounded);
  return rounded;
}

json number_json(const std::optional<double>& value) {
  return value ? number_json(*value) : json(nullptr);
}

json stages_json(const RunFolder& run) {
  json stages = json::array();
  for (const RunStage& stage : run.stages) {
    stages.push_back({{"name", stage.name},
                      {"kind", stage.kind},
                      {"reinforcement", is_reinforcement(stage.kind)},
                      {"max_steps", stage.max_steps},
                      {"last_step", stage.last_step},
                      {"offset", stage.offset}});
  }
  return stages;
}

json evaluation_json(const Evaluation& evaluation) {
  json values = json::object();
  for (const auto& [key, value] : evaluation.values) values[key] = number_json(value);
  return {{"stage", evaluation.stage},
          {"policy", evaluation.policy},
          {"data", evaluation.data},
          {"step", evaluation.step},
          {"values", std::move(values)}};
}

}  // namespace reckon::watch
