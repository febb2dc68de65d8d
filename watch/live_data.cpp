#include "watch/live_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/json.h"
#include "watch/cost_table.h"
#include "watch/hints.h"
#include "watch/report_data.h"
#include "watch/run_json.h"
#include "watch/stage_table.h"

namespace reckon::watch {

namespace {

using nlohmann::json;

// Costs lie in folders of their own, each of which could be a link.
json costs_json(const RunIndex& index) {
  RunFolder reachable;
  reachable.path = index.run().path;
  reachable.name = index.run().name;
  reachable.label = index.run().label;
  reachable.seed = index.run().seed;
  for (const RunStage& stage : index.run().stages) {
    if (index.may_read(reachable.path / "stages" / stage.name / "cost.json")) {
      reachable.stages.push_back(stage);
    }
  }
  const CostTable costs = read_costs(reachable);
  json result = cost_json(costs);
  result["grid"] = grid_json(cost_grid(costs));
  result["notes"] = costs.notes;
  return result;
}

std::string token_of(const RunIndex& index) {
  std::string token = fmt::format("{}", index.generation());
  for (const StageMetrics& stage : index.run().metrics) {
    token += fmt::format("-{}", stage.steps.size());
  }
  return token;
}

// The numbers of rows, by stage, that the reader of an earlier answer has; nothing where rows were
// taken back since, or the token is none.
std::optional<std::vector<size_t>> rows_of(const std::string& token, const RunIndex& index) {
  std::vector<size_t> numbers;
  const char* at = token.data();
  const char* const end = at + token.size();
  while (at < end) {
    size_t number = 0;
    const auto [stop, error] = std::from_chars(at, end, number);
    if (error != std::errc() || (stop != end && *stop != '-')) return std::nullopt;
    numbers.push_back(number);
    at = stop == end ? stop : stop + 1;
  }
  const auto& stages = index.run().metrics;
  if (numbers.empty() || numbers.front() != index.generation()) return std::nullopt;
  numbers.erase(numbers.begin());
  if (numbers.size() > stages.size()) return std::nullopt;
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] > stages[i].steps.size()) return std::nullopt;
  }
  numbers.resize(stages.size(), 0);
  return numbers;
}

std::vector<double> rows_from(const std::vector<double>& column, size_t first) {
  return {column.begin() + static_cast<std::ptrdiff_t>(std::min(first, column.size())),
          column.end()};
}

json curve_json(const std::string& key, const std::vector<double>& column, size_t first,
                size_t points) {
  json values = json::array();
  const auto thinned = first == 0 ? thin_column(key, column, points)
                                  : thin_column(key, rows_from(column, first), points);
  for (const double value : thinned) values.push_back(number_json(value));
  return values;
}

// Sums of `column` up to each row, behind `before`; missing values count as nothing.
std::vector<double> sums_of(const StageMetrics& stage, const char* key, double before) {
  std::vector<double> sums(stage.steps.size(), before);
  const auto column = stage.columns.find(key);
  if (column == stage.columns.end()) return sums;
  double sum = before;
  for (size_t row = 0; row < sums.size() && row < column->second.size(); ++row) {
    if (std::isfinite(column->second[row])) sum += column->second[row];
    sums[row] = sum;
  }
  return sums;
}

// The number of tokens seen in the stage, on from `before`.
std::vector<double> tokens_of(const StageMetrics& stage, double before) {
  std::vector<double> tokens(stage.steps.size(), before);
  const auto column = stage.columns.find("num_tokens");
  if (column == stage.columns.end()) return tokens;
  double newest = 0.0;
  for (size_t row = 0; row < tokens.size() && row < column->second.size(); ++row) {
    if (std::isfinite(column->second[row])) newest = column->second[row];
    tokens[row] = before + newest;
  }
  return tokens;
}

json axis_json(const std::vector<double>& values, size_t first, size_t points) {
  // The largest of each piece is its end, as with the steps.
  return curve_json("max", values, first, points);
}

}  // namespace

json summary_json(const RunSummary& run, double now) {
  const RunFolder& about = run.about;
  json result = {{"id", run.id},
                 {"name", about.name},
                 {"label", about.label},
                 {"description", about.description},
                 {"seed", nullptr},
                 {"state", run.state()},
                 {"stage", nullptr},
                 {"stalled", run.is_stalled(now)},
                 {"started", run.started > 0.0 ? json(run.started) : json(nullptr)},
                 {"device", about.device},
                 {"threads", about.threads},
                 {"step_time", number_json(run.step_time)},
                 {"eta", number_json(run.time_left())}};
  if (about.seed) result["seed"] = *about.seed;
  const RunStatus status = about.status.value_or(RunStatus{});
  result.update({{"stage", status.stage},
                 {"stage_index", status.stage_index},
                 {"num_stages", status.num_stages},
                 {"step", status.step},
                 {"max_steps", status.max_steps},
                 {"phase", status.phase},
                 {"message", status.message},
                 {"heartbeat", status.heartbeat > 0.0 ? json(status.heartbeat) : json(nullptr)},
                 {"age", nullptr},
                 {"wall_time", number_json(status.wall_time)}});
  if (status.heartbeat > 0.0) result["age"] = number_json(std::max(0.0, now - status.heartbeat));
  return result;
}

json runs_json(const RunCatalog& catalog) {
  const double now = catalog.now();
  json runs = json::array();
  for (const RunSummary& run : catalog.list()) runs.push_back(summary_json(run, now));
  return {{"folder", catalog.root().string()}, {"runs", std::move(runs)}};
}

json run_json(const RunIndex& index, const RunSummary& summary, double now) {
  const RunFolder& run = index.run();
  json hints = json::array();
  for (const Hint& hint : find_hints(run, summary, now)) {
    hints.push_back({{"level", hint.level}, {"text", hint.text}, {"link", hint.link}});
  }
  json result = {{"id", summary.id},
                 {"name", run.name},
                 {"label", run.label},
                 {"claim", run.claim},
                 {"description", run.description},
                 {"hash", run.hash},
                 {"version", run.version},
                 {"device", run.device},
                 {"threads", run.threads},
                 {"command", run.command},
                 {"seed", nullptr},
                 {"stages", stages_json(run)},
                 {"status", summary_json(summary, now)},
                 {"notes", run.notes},
                 {"hints", std::move(hints)},
                 {"costs", costs_json(index)},
                 {"tables", json::array({grid_json(stage_grid(stage_table(run)))})}};
  if (run.seed) result["seed"] = *run.seed;
  return result;
}

json metrics_json(const RunIndex& index, const MetricsQuery& query) {
  const RunFolder& run = index.run();
  const auto known = rows_of(query.after, index);
  json stages = json::array();
  json keys = json::object();
  double tokens_before = 0.0, seconds_before = 0.0;
  for (size_t i = 0; i < run.metrics.size(); ++i) {
    const StageMetrics& metrics = run.metrics[i];
    for (const auto& [key, column] : metrics.columns) keys[key] = nullptr;
    const auto tokens = tokens_of(metrics, tokens_before);
    const auto seconds = sums_of(metrics, "step_time", seconds_before);
    if (!tokens.empty()) {
      tokens_before = tokens.back();
      seconds_before = seconds.back();
    }
    const size_t first = known ? (*known)[i] : 0;
    if (first == metrics.steps.size()) continue;
    const std::vector<int64_t> steps(metrics.steps.begin() + static_cast<std::ptrdiff_t>(first),
                                     metrics.steps.end());
    json columns = json::object();
    for (const auto& [key, column] : metrics.columns) {
      const auto& wanted = query.keys;
      if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), key) == wanted.end()) continue;
      columns[key] = curve_json(key, column, first, query.points);
    }
    const RunStage* stage = run.find_stage(metrics.stage);
    stages.push_back({{"stage", metrics.stage},
                      {"kind", stage == nullptr ? metrics.kind : stage->kind},
                      {"offset", stage == nullptr ? 0 : stage->offset},
                      {"num_steps", metrics.steps.size()},
                      {"steps", thin_steps(steps, query.points)},
                      {"tokens", axis_json(tokens, first, query.points)},
                      {"seconds", axis_json(seconds, first, query.points)},
                      {"columns", std::move(columns)}});
  }
  json names = json::array();
  for (const auto& [key, ignored] : keys.items()) names.push_back(key);
  json result = {{"token", token_of(index)}, {"stages", std::move(stages)}, {"keys", names}};
  if (!query.after.empty()) result["reset"] = !known;
  return result;
}

json evaluations_json(const RunFolder& run) {
  json evaluations = json::array();
  for (const Evaluation& evaluation : run.evaluations) {
    evaluations.push_back(evaluation_json(evaluation));
  }
  return {{"evaluations", std::move(evaluations)}};
}

std::string completion_steps_text(const RunFolder& run) {
  std::string text = "{\"steps\":[";
  std::string stage;
  std::string stage_text = "\"\"";
  for (const CompletionStep& step : run.completion_steps) {
    if (step.stage != stage) {
      // Names lie in the file as they were written there, with their escapes.
      stage = step.stage;
      stage_text = json_text(json(stage));
    }
    if (text.back() == '}') text += ',';
    fmt::format_to(std::back_inserter(text), "{{\"stage\":{},\"step\":{},\"count\":{}}}",
                   stage_text, step.step, step.count);
  }
  return text + "]}";
}

json completion_json(const Completion& completion) {
  json rewards = json::object();
  for (const auto& [name, value] : completion.rewards) rewards[name] = number_json(value);
  json result = {
      {"prompt_index", completion.prompt_index},
      {"sample", completion.sample},
      {"completion", completion.completion},
      {"truncated_bytes", completion.completion_bytes -
                              std::min(completion.completion_bytes, completion.completion.size())},
      {"num_tokens", completion.num_tokens},
      {"finish_reason", completion.finish_reason},
      {"rewards", std::move(rewards)},
      {"reward", number_json(completion.reward)},
      {"advantage", number_json(completion.advantage)},
      {"extracted", completion.extracted},
      {"reason", completion.reason},
      {"correct", completion.correct},
      {"logprobs", nullptr},
      {"tokens", nullptr}};
  if (!completion.logprobs.empty()) {
    json values = json::array();
    for (const double value : completion.logprobs) values.push_back(number_json(value));
    result["logprobs"] = std::move(values);
  }
  if (!completion.tokens.empty()) result["tokens"] = completion.tokens;
  return result;
}

}  // namespace reckon::watch
