#include "watch/cost_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "core/progress.h"

namespace reckon::watch {

namespace {

using nlohmann::json;

// A count that may be missing; anything but a number of at least 0 is not one.
double count_of(const json& object, const char* key, double missing = 0.0) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return missing;
  const double value = found->get<double>();
  return std::isfinite(value) && value >= 0.0 ? value : missing;
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// A name from a recipe is not to lead out of the run folder.
bool is_folder_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

StageCost read_cost(const std::filesystem::path& file, const RunStage& stage) {
  const json object = read_json_file(file);
  check(object.is_object(), ErrorCode::corrupt, "expected an object, got {}, in {}",
        json_summary(object), file.string());
  StageCost cost{stage.name, text_of(object, "kind"), text_of(object, "device")};
  if (cost.kind.empty()) cost.kind = stage.kind;
  cost.prompt_tokens = count_of(object, "prompt_tokens");
  cost.sampled_tokens = count_of(object, "sampled_tokens");
  cost.trained_tokens = count_of(object, "trained_tokens");
  cost.scored_tokens = count_of(object, "scored_tokens");
  cost.flops = count_of(object, "flops");
  cost.seconds = count_of(object, "time/seconds");
  cost.devices = count_of(object, "devices", 1.0);
  return cost;
}

// "8.1e12": operations go far beyond the names of units.
std::string flops_text(double flops) {
  if (flops < 1000.0) return fmt::format("{:.0f}", flops);
  const int exponent = static_cast<int>(std::floor(std::log10(flops)));
  const std::string digits = fmt::format("{:.1f}", flops / std::pow(10.0, exponent));
  return digits == "10.0" ? fmt::format("1.0e{}", exponent + 1)
                          : fmt::format("{}e{}", digits, exponent);
}

// Two digits at least: a small stage takes thousandths of an hour.
std::string hours_text(double hours) { return fmt::format("{:.{}f}", hours, hours < 1.0 ? 4 : 2); }

std::vector<std::string> cost_row(const StageCost& cost, const std::optional<Price>& price) {
  std::vector<std::string> row = {cost.stage,
                                  cost.kind,
                                  format_count(cost.prompt_tokens),
                                  format_count(cost.sampled_tokens),
                                  format_count(cost.trained_tokens),
                                  format_count(cost.scored_tokens),
                                  flops_text(cost.flops),
                                  cost.seconds > 0.0 ? format_duration(cost.seconds) : "–",
                                  cost.seconds > 0.0 ? hours_text(cost.device_hours()) : "–"};
  if (price) {
    const double money = cost.device_hours() * price->per_hour;
    row.push_back(fmt::format("{:.{}f}", money, money < 1.0 ? 4 : 2));
  }
  return row;
}

// "cpu", "cpu, 8 cuda".
std::string devices_text(const CostTable& costs) {
  std::vector<std::string> names;
  for (const StageCost& cost : costs.stages) {
    if (cost.device.empty()) continue;
    const std::string name =
        cost.devices == 1.0 ? cost.device : fmt::format("{:g} {}", cost.devices, cost.device);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

CostTable read_costs(const RunFolder& run) {
  CostTable costs;
  costs.run = run.seed ? fmt::format("{}, seed {}", run.name, *run.seed) : run.label;
  for (const RunStage& stage : run.stages) {
    if (!is_folder_name(stage.name)) continue;
    const auto file = run.path / "stages" / stage.name / "cost.json";
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) continue;
    try {
      costs.stages.push_back(read_cost(file, stage));
    } catch (const Error& error) {
      costs.notes.push_back(
          fmt::format("The cost of stage {} cannot be read: {}.", stage.name, error.what()));
    }
  }
  return costs;
}

StageCost total_cost(const CostTable& costs) {
  StageCost total;
  total.stage = "total";
  double hours = 0.0;
  for (const StageCost& cost : costs.stages) {
    total.prompt_tokens += cost.prompt_tokens;
    total.sampled_tokens += cost.sampled_tokens;
    total.trained_tokens += cost.trained_tokens;
    total.scored_tokens += cost.scored_tokens;
    total.flops += cost.flops;
    total.seconds += cost.seconds;
    hours += cost.device_hours();
  }
  // Stages may have used different numbers of devices: the mean keeps hours true.
  if (total.seconds > 0.0) total.devices = hours * 3600.0 / total.seconds;
  return total;
}

Grid cost_grid(const CostTable& costs, const std::optional<Price>& price) {
  Grid grid;
  grid.title = "Cost of " + costs.run;
  grid.header = {"stage",          "kind",  "prompt\ntokens", "sampled\ntokens", "trained\ntokens",
                 "scored\ntokens", "FLOPs", "time",           "device\nhours"};
  if (price) grid.header.push_back(price->currency);
  for (const StageCost& cost : costs.stages) grid.rows.push_back(cost_row(cost, price));
  if (!costs.stages.empty()) grid.rows.push_back(cost_row(total_cost(costs), price));
  const std::string devices = devices_text(costs);
  if (!devices.empty()) grid.note = "Device: " + devices + ". ";
  grid.note += "FLOPs are counted from parameters and tokens, not measured.";
  if (price) {
    grid.note +=
        fmt::format(" Money at {:g} {} an hour of one device.", price->per_hour, price->currency);
  }
  for (const auto& note : costs.notes) grid.note += " " + note;
  return grid;
}

Grid published_cost_grid() {
  return {"Published cost of DeepSeek-R1",
          {"part", "H800-hours"},
          {{"R1-Zero, reinforcement learning", "101,000"},
           {"generation of the SFT data", "5,000"},
           {"R1, reinforcement learning", "41,000"},
           {"total", "147,000"}},
          "From arXiv 2501.12948v2."};
}

json cost_json(const CostTable& costs, const std::optional<Price>& price) {
  const auto item = [&](const StageCost& cost) {
    json object = {{"stage", cost.stage},
                   {"prompt_tokens", cost.prompt_tokens},
                   {"sampled_tokens", cost.sampled_tokens},
                   {"trained_tokens", cost.trained_tokens},
                   {"scored_tokens", cost.scored_tokens},
                   {"flops", cost.flops},
                   {"seconds", cost.seconds},
                   {"device_hours", cost.device_hours()}};
    if (!cost.kind.empty()) object["kind"] = cost.kind;
    if (price) {
      object["money"] = cost.device_hours() * price->per_hour;
      object["currency"] = price->currency;
    }
    return object;
  };
  json stages = json::array();
  for (const StageCost& cost : costs.stages) stages.push_back(item(cost));
  return {{"stages", std::move(stages)}, {"total", item(total_cost(costs))}};
}

}  // namespace reckon::watch
