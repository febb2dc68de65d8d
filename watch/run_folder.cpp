#include "watch/run_folder.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/error.h"
#include "watch/metrics_log.h"
#include "watch/run_parts.h"

namespace reckon::watch {

namespace {

void read_completion_steps(RunFolder& run) {
  const std::filesystem::path file = run.path / "completions.jsonl";
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    run.notes.push_back("completions.jsonl is missing: there are no answers to show.");
    return;
  }
  try {
    run.completion_steps = index_completions(file);
  } catch (const Error& error) {
    run.notes.push_back(fmt::format("completions.jsonl cannot be read: {}.", error.what()));
  }
}

}  // namespace

std::optional<double> Evaluation::value(const std::string& key) const {
  const auto found = values.find(key);
  if (found == values.end()) return std::nullopt;
  return found->second;
}

const RunStage* RunFolder::find_stage(const std::string& stage) const {
  const auto found = std::find_if(stages.begin(), stages.end(),
                                  [&](const RunStage& s) { return s.name == stage; });
  return found == stages.end() ? nullptr : &*found;
}

const StageMetrics* RunFolder::find_metrics(const std::string& stage) const {
  const auto found = std::find_if(metrics.begin(), metrics.end(),
                                  [&](const StageMetrics& m) { return m.stage == stage; });
  return found == metrics.end() ? nullptr : &*found;
}

double RunFolder::step_seconds() const {
  double sum = 0.0;
  for (const StageMetrics& stage : metrics) {
    const auto column = stage.columns.find("step_time");
    if (column == stage.columns.end()) continue;
    for (const double value : column->second) sum += std::isfinite(value) ? value : 0.0;
  }
  return sum;
}

bool is_reinforcement(const std::string& kind) { return kind == "grpo"; }

RunFolder read_run_folder(const std::filesystem::path& folder) {
  std::error_code ignored;
  check(std::filesystem::is_directory(folder, ignored), ErrorCode::not_found,
        "expected a run folder, got no such folder, in {}", folder.string());
  RunFolder run;
  run.path = folder;
  run.label = folder_label(folder);
  run.name = run.label;
  read_identity(run);
  read_status(run);
  read_lines(run, "metrics.jsonl", "no training step has been recorded yet",
             [&](const nlohmann::json& line) { add_metrics(run.metrics, line); });
  read_evaluations(run);
  read_completion_steps(run);
  place_stages(run);
  return run;
}

}  // namespace reckon::watch
