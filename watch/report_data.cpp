#include "watch/report_data.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

#include "watch/answers.h"
#include "watch/cost_table.h"
#include "watch/headline.h"
#include "watch/run_json.h"
#include "watch/stage_table.h"

namespace reckon::watch {

namespace {

using nlohmann::json;

json measurement_json(const Measurement& measurement) {
  return {{"step", measurement.step},
          {"value", number_json(measurement.value)},
          {"low", number_json(measurement.low)},
          {"high", number_json(measurement.high)}};
}

json headline_json(const RunFolder& run) {
  const Headline numbers = headline(run);
  json result = {{"data", numbers.data}};
  const auto add = [&](const char* key, const std::optional<Change>& change) {
    if (!change) return;
    result[key] = {{"before", measurement_json(change->before)},
                   {"after", measurement_json(change->after)}};
  };
  add("accuracy", numbers.accuracy);
  add("accuracy_greedy", numbers.accuracy_greedy);
  add("mean_length", numbers.mean_length);
  add("retries", numbers.retries);
  return result;
}

json metrics_json(const RunFolder& run, size_t max_points) {
  json result = json::array();
  for (const StageMetrics& metrics : run.metrics) {
    const RunStage* stage = run.find_stage(metrics.stage);
    json columns = json::object();
    for (const auto& [key, column] : metrics.columns) {
      json values = json::array();
      for (const double value : thin_column(key, column, max_points)) {
        values.push_back(number_json(value));
      }
      columns[key] = std::move(values);
    }
    const std::string& kind = stage == nullptr ? metrics.kind : stage->kind;
    result.push_back({{"stage", metrics.stage},
                      {"kind", kind},
                      {"reinforcement", is_reinforcement(kind)},
                      {"offset", stage == nullptr ? 0 : stage->offset},
                      {"num_steps", metrics.steps.size()},
                      {"steps", thin_steps(metrics.steps, max_points)},
                      {"columns", std::move(columns)}});
  }
  return result;
}

json curve_json(const RunFolder& run) {
  json points = json::array();
  for (const CurvePoint& point : held_out_curve(run)) {
    points.push_back(
        {{"step", point.step}, {"values", evaluation_json(*point.evaluation)["values"]}});
  }
  return points;
}

json answer_json(const std::optional<Answer>& answer) {
  if (!answer) return nullptr;
  const Completion& completion = answer->completion;
  return {{"stage", answer->stage},
          {"step", answer->step},
          {"prompt_index", completion.prompt_index},
          {"sample", completion.sample},
          {"num_tokens", completion.num_tokens},
          {"prompt", completion.prompt},
          {"completion", completion.completion},
          {"completion_bytes", completion.completion_bytes},
          {"shown_bytes", completion.completion.size()},
          {"finish_reason", completion.finish_reason},
          {"extracted", completion.extracted},
          {"gold", completion.gold},
          {"reason", completion.reason},
          {"reward", number_json(completion.reward)},
          {"advantage", number_json(completion.advantage)},
          {"correct", completion.correct},
          {"group_size", answer->group_size},
          {"group_correct", answer->group_correct},
          {"group_mean_length", number_json(answer->group_mean_length)}};
}

json answers_json(const RunFolder& run, size_t max_pairs) {
  json pairs = json::array();
  for (const AnswerPair& pair : choose_answers(run, max_pairs)) {
    pairs.push_back({{"difficulty", pair.difficulty},
                     {"same_prompt", pair.same_prompt},
                     {"before", answer_json(pair.before)},
                     {"after", answer_json(pair.after)}});
  }
  return pairs;
}

size_t stride_for(size_t size, size_t max_points) {
  return max_points == 0 || size <= max_points ? 1 : (size + max_points - 1) / max_points;
}

// Mean, largest or smallest of the finite values of a piece; NaN where it has none.
double reduce(const std::vector<double>& column, size_t begin, size_t end, bool largest,
              bool smallest) {
  double result = std::numeric_limits<double>::quiet_NaN();
  double sum = 0.0;
  size_t count = 0;
  for (size_t row = begin; row < end; ++row) {
    const double value = column[row];
    if (!std::isfinite(value)) continue;
    const bool better = (largest && value > result) || (smallest && value < result);
    if (count == 0 || better) result = value;
    sum += value;
    ++count;
  }
  return largest || smallest || count == 0 ? result : sum / static_cast<double>(count);
}

}  // namespace

std::vector<int64_t> thin_steps(const std::vector<int64_t>& steps, size_t max_points) {
  const size_t stride = stride_for(steps.size(), max_points);
  std::vector<int64_t> result;
  for (size_t begin = 0; begin < steps.size(); begin += stride) {
    result.push_back(steps[std::min(begin + stride, steps.size()) - 1]);
  }
  return result;
}

std::vector<double> thin_column(const std::string& key, const std::vector<double>& column,
                                size_t max_points) {
  const size_t stride = stride_for(column.size(), max_points);
  const bool largest = key.ends_with("max");
  const bool smallest = key.ends_with("min");
  std::vector<double> result;
  for (size_t begin = 0; begin < column.size(); begin += stride) {
    const size_t end = std::min(begin + stride, column.size());
    result.push_back(reduce(column, begin, end, largest, smallest));
  }
  return result;
}

json report_data(const RunFolder& run, const ReportLimits& limits) {
  json data = {{"name", run.name},
               {"label", run.label},
               {"description", run.description},
               {"claim", run.claim},
               {"hash", run.hash},
               {"version", run.version},
               {"device", run.device},
               {"threads", run.threads},
               {"command", run.command},
               {"seed", nullptr},
               {"status", nullptr},
               {"step_seconds", number_json(run.step_seconds())},
               {"headline", headline_json(run)},
               {"stages", stages_json(run)},
               {"metrics", metrics_json(run, limits.max_points)},
               {"curve", curve_json(run)},
               {"stage_table", grid_json(stage_grid(stage_table(run)))},
               {"cost", grid_json(cost_grid(read_costs(run)))},
               {"evaluations", json::array()},
               {"answers", answers_json(run, limits.max_pairs)},
               {"notes", run.notes}};
  if (run.seed) data["seed"] = *run.seed;
  if (run.status) {
    data["status"] = {{"state", run.status->state},
                      {"stage", run.status->stage},
                      {"phase", run.status->phase},
                      {"step", run.status->step},
                      {"message", run.status->message},
                      {"heartbeat", number_json(run.status->heartbeat)},
                      {"wall_time", number_json(run.status->wall_time)}};
  }
  for (const Evaluation& evaluation : run.evaluations) {
    data["evaluations"].push_back(evaluation_json(evaluation));
  }
  return data;
}

json recipes_data(const std::vector<RunFolder>& runs) {
  json recipes = json::array();
  for (const auto& group : by_recipe(runs)) {
    json tables = json::array();
    if (group.size() > 1) tables.push_back(grid_json(stage_grid(mean_table(group))));
    tables.push_back(grid_json(stage_grid(difference_table(group))));
    recipes.push_back({{"name", group.front()->name}, {"tables", std::move(tables)}});
  }
  return recipes;
}

}  // namespace reckon::watch
