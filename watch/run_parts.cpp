#include "watch/run_parts.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/error.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/jsonl.h"

namespace reckon::watch {

namespace {

using nlohmann::json;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
// Far more than a trainer writes; a file with more is damaged and must not fill the memory.
constexpr size_t kMaxColumns = 1000;
constexpr size_t kMaxPrompts = 20'000;
constexpr int64_t kMaxStep = int64_t{1} << 40;

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<double> number_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

// Steps come from a file: out of range or not finite is no step.
std::optional<int64_t> integer_of(const json& object, const char* key) {
  const std::optional<double> number = number_of(object, key);
  if (!number || !(std::abs(*number) < static_cast<double>(kMaxStep))) return std::nullopt;
  return static_cast<int64_t>(*number);
}

bool is_present(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

void read_stages(const json& recipe, RunFolder& run) {
  const auto stages = recipe.find("stages");
  if (stages == recipe.end() || !stages->is_array()) return;
  for (const json& item : *stages) {
    if (!item.is_object() || run.find_stage(text_of(item, "name")) != nullptr) continue;
    RunStage stage;
    stage.name = text_of(item, "name");
    stage.kind = text_of(item, "kind");
    stage.max_steps = integer_of(item, "max_steps").value_or(0);
    stage.mismatch_stop = number_of(item, "mismatch_stop");
    run.stages.push_back(stage);
  }
}

void flatten(const json& object, const std::string& prefix, int depth, Evaluation& evaluation) {
  for (const auto& [name, value] : object.items()) {
    if (evaluation.values.size() >= kMaxColumns) return;
    const std::string key = prefix + name;
    if (value.is_number()) {
      evaluation.values[key] = value.get<double>();
    } else if (value.is_object() && depth < 4) {
      flatten(value, key + "/", depth + 1, evaluation);
    } else if (value.is_array() && value.size() == 2 && value[0].is_number() &&
               value[1].is_number()) {
      evaluation.values[key + "/low"] = value[0].get<double>();
      evaluation.values[key + "/high"] = value[1].get<double>();
    }
  }
}

// The list `prompts` of an evaluation: n samples, c of them right, and parts in other values.
void read_prompts(const json& line, Evaluation& evaluation) {
  const auto prompts = line.find("prompts");
  if (prompts == line.end() || !prompts->is_array()) return;
  for (const json& prompt : *prompts) {
    if (!prompt.is_object() || evaluation.prompts.size() >= kMaxPrompts) continue;
    const auto index = integer_of(prompt, "index");
    if (!index) continue;
    auto& values = evaluation.prompts[*index];
    const auto n = number_of(prompt, "n"), c = number_of(prompt, "c");
    if (n && c && *n > 0) values["accuracy"] = *c / *n;
    const auto parts = prompt.find("values");
    if (parts == prompt.end() || !parts->is_object()) continue;
    for (const auto& [key, value] : parts->items()) {
      if (value.is_number() && values.size() < kMaxColumns) values[key] = value.get<double>();
    }
  }
}

void add_evaluation(RunFolder& run, const json& line) {
  Evaluation evaluation;
  evaluation.stage = text_of(line, "stage");
  evaluation.policy = text_of(line, "policy");
  evaluation.data = text_of(line, "data");
  evaluation.step = std::max<int64_t>(0, integer_of(line, "step").value_or(0));
  flatten(line, "", 0, evaluation);
  evaluation.values.erase("step");
  read_prompts(line, evaluation);
  // The same point again is a run that went on from a checkpoint: the newer one counts.
  const auto same = [&](const Evaluation& other) {
    return other.stage == evaluation.stage && other.policy == evaluation.policy &&
           other.data == evaluation.data && other.step == evaluation.step &&
           other.value("sampling/temperature") == evaluation.value("sampling/temperature") &&
           other.value("sampling/num_samples") == evaluation.value("sampling/num_samples");
  };
  std::erase_if(run.evaluations, same);
  run.evaluations.push_back(std::move(evaluation));
}

}  // namespace

void read_identity(RunFolder& run) {
  const std::filesystem::path file = run.path / "recipe.json";
  if (!is_present(file)) {
    run.notes.push_back("recipe.json is missing: the page cannot say what was run.");
    return;
  }
  try {
    const json document = read_json_file(file);
    if (!document.is_object()) fail(ErrorCode::corrupt, "expected an object, in recipe.json");
    run.hash = text_of(document, "hash");
    run.version = text_of(document, "version");
    run.device = text_of(document, "device");
    run.command = text_of(document, "command");
    run.threads = integer_of(document, "threads").value_or(0);
    const auto recipe = document.find("recipe");
    if (recipe == document.end() || !recipe->is_object()) {
      fail(ErrorCode::corrupt, "expected an object, got none, in recipe.json/recipe");
    }
    if (const std::string name = text_of(*recipe, "name"); !name.empty()) run.name = name;
    run.description = text_of(*recipe, "description");
    run.claim = text_of(*recipe, "claim");
    run.seed = integer_of(*recipe, "seed");
    json settings = *recipe;
    for (const char* key : {"seed", "description", "claim", "speed"}) settings.erase(key);
    run.settings = hex16(fnv1a(json_text(settings)));
    if (run.device.empty()) run.device = text_of(*recipe, "device");
    read_stages(*recipe, run);
  } catch (const Error& error) {
    run.notes.push_back(fmt::format("recipe.json cannot be read: {}.", error.what()));
  }
}

void read_status(RunFolder& run) {
  const std::filesystem::path file = run.path / "status.json";
  if (!is_present(file)) {
    run.notes.push_back("status.json is missing: the state of the run is unknown.");
    return;
  }
  try {
    const json document = read_json_file(file);
    if (!document.is_object()) fail(ErrorCode::corrupt, "expected an object, in status.json");
    RunStatus status;
    status.state = text_of(document, "state");
    status.stage = text_of(document, "stage");
    status.phase = text_of(document, "phase");
    status.message = text_of(document, "message");
    status.step = integer_of(document, "step").value_or(0);
    status.max_steps = integer_of(document, "max_steps").value_or(0);
    status.stage_index = integer_of(document, "stage_index").value_or(0);
    status.num_stages = integer_of(document, "num_stages").value_or(0);
    status.heartbeat = number_of(document, "heartbeat").value_or(0.0);
    status.wall_time = number_of(document, "wall_time");
    run.status = status;
  } catch (const Error& error) {
    run.notes.push_back(fmt::format("status.json cannot be read: {}.", error.what()));
  }
}

void read_lines(RunFolder& run, const char* name, const char* meaning,
                const std::function<void(const json&)>& callback) {
  const std::filesystem::path file = run.path / name;
  if (!is_present(file)) {
    run.notes.push_back(fmt::format("{} is missing: {}.", name, meaning));
    return;
  }
  try {
    const bool torn = for_each_jsonl(file, [&](const json& line, uint64_t) {
      if (line.is_object()) callback(line);
    });
    if (torn) run.notes.push_back(fmt::format("{} ends in a half-written line.", name));
  } catch (const Error& error) {
    run.notes.push_back(
        fmt::format("{} is read only up to its first broken line: {}.", name, error.what()));
  }
}

void read_evaluations(RunFolder& run) {
  read_lines(run, "evals.jsonl", "nothing has been evaluated yet",
             [&](const json& line) { add_evaluation(run, line); });
}

// Stages of one axis follow one another: each begins where the one before it ended.
void place_stages(RunFolder& run) {
  for (StageMetrics& metrics : run.metrics) {
    for (auto& [key, column] : metrics.columns) column.resize(metrics.steps.size(), kMissing);
    if (run.find_stage(metrics.stage) == nullptr) {
      run.stages.push_back({metrics.stage, metrics.kind});
    }
  }
  int64_t reinforcement = 0;
  int64_t other = 0;
  for (RunStage& stage : run.stages) {
    const StageMetrics* metrics = run.find_metrics(stage.name);
    if (metrics != nullptr && !metrics->steps.empty()) stage.last_step = metrics->steps.back();
    if (metrics != nullptr && stage.kind.empty()) stage.kind = metrics->kind;
    int64_t& end = is_reinforcement(stage.kind) ? reinforcement : other;
    stage.offset = end;
    end += stage.last_step;
  }
}

std::string folder_label(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::path absolute = std::filesystem::absolute(folder, ignored).lexically_normal();
  if (!absolute.has_filename()) absolute = absolute.parent_path();
  return absolute.filename().string();
}

}  // namespace reckon::watch
