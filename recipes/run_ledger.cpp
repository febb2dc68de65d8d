#include "recipes/run_ledger.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/event_filter.h"
#include "core/files.h"
#include "core/json.h"
#include "core/jsonl.h"
#include "rl/checkpoint.h"

namespace reckon::recipes {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* kBegun = "begun.json";
constexpr const char* kDone = "done.json";
constexpr const char* kForgetting = "forgetting.json";
constexpr const char* kLineFiles[] = {"metrics.jsonl", "completions.jsonl", "evals.jsonl"};

// The member `hash` of a small file; empty where there is no such file or member.
std::string hash_in(const fs::path& file) {
  if (!fs::exists(file)) return {};
  const json value = read_json_file(file);
  const auto found = value.is_object() ? value.find("hash") : value.end();
  return value.is_object() && found != value.end() && found->is_string() ? found->get<std::string>()
                                                                         : std::string();
}

uint64_t size_or_zero(const fs::path& file) {
  std::error_code missing;
  const auto size = fs::file_size(file, missing);
  return missing ? 0 : size;
}

// Rewrites a log without the lines of these stages.
void drop_lines(const fs::path& file, const std::vector<std::string>& stages) {
  if (!fs::exists(file)) return;
  AtomicFile kept(file);
  for_each_jsonl(file, [&](const json& line, uint64_t) {
    const auto stage = line.is_object() ? line.value("stage", json()) : json();
    if (std::find(stages.begin(), stages.end(), stage) == stages.end()) {
      kept.write(json_text(line) + "\n");
    }
  });
  kept.commit();
}

}  // namespace

RunLedger::RunLedger(fs::path folder, std::vector<LedgerStage> stages)
    : folder_(std::move(folder)), stages_(std::move(stages)) {}

fs::path RunLedger::stage_folder(size_t i) const { return folder_ / "stages" / stages_[i].name; }

bool RunLedger::is_done(size_t i) const {
  return hash_in(stage_folder(i) / kDone) == stages_[i].hash;
}

bool RunLedger::is_open(size_t i) const {
  return !fs::exists(stage_folder(i) / kDone) &&
         hash_in(stage_folder(i) / kBegun) == stages_[i].hash;
}

bool RunLedger::is_stale(size_t i) const {
  return fs::exists(stage_folder(i)) && !is_done(i) && !is_open(i);
}

std::vector<std::string> RunLedger::folders() const {
  std::vector<std::string> names;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder_ / "stages", missing)) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> RunLedger::foreign_open() const {
  std::vector<std::string> names;
  for (const auto& name : folders()) {
    const bool ours = std::any_of(stages_.begin(), stages_.end(),
                                  [&](const LedgerStage& stage) { return stage.name == name; });
    if (!ours && !fs::exists(folder_ / "stages" / name / kDone)) names.push_back(name);
  }
  return names;
}

void RunLedger::forget(const std::vector<std::string>& names) const {
  if (names.empty()) return;
  write_file_atomic(folder_ / kForgetting, json_text({{"stages", names}}) + "\n");
  forget_names(names);
}

void RunLedger::recover() const {
  const auto file = folder_ / kForgetting;
  if (!fs::exists(file)) return;
  std::vector<std::string> names;
  const json value = read_json_file(file);
  rl::read_members(file, [&] { names = value.at("stages").get<std::vector<std::string>>(); });
  forget_names(names);
}

void RunLedger::forget_names(const std::vector<std::string>& names) const {
  for (const auto& name : names) fs::remove_all(folder_ / "stages" / name);
  for (const char* file : kLineFiles) drop_lines(folder_ / file, names);
  drop_events(folder_ / "events" / EventFileWriter::kFileName, [&](std::string_view tag) {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return tag.starts_with(name + "/"); });
  });
  fs::remove(folder_ / kForgetting);
}

std::optional<fs::path> RunLedger::resume_file(size_t i) const {
  if (const auto found = rl::newest_checkpoint(stage_folder(i))) {
    return found->folder / "state.json";
  }
  return std::nullopt;
}

rl::LogOffsets RunLedger::resume_offsets() const {
  for (size_t i = 0; i < stages_.size(); ++i) {
    if (!is_open(i)) continue;
    const auto file = resume_file(i).value_or(stage_folder(i) / kBegun);
    return rl::read_offsets(read_json_file(file).value("offsets", json()), file.string());
  }
  return {size_or_zero(folder_ / kLineFiles[0]), size_or_zero(folder_ / kLineFiles[1]),
          size_or_zero(folder_ / kLineFiles[2]),
          size_or_zero(folder_ / "events" / EventFileWriter::kFileName)};
}

rl::StageCost RunLedger::resume_cost(size_t i) const {
  const auto file = resume_file(i);
  if (!file) return {};
  rl::StageCost cost;
  const json state = read_json_file(*file);
  rl::read_members(*file, [&] { cost = rl::read_cost(state.at("cost")); });
  return cost;
}

void RunLedger::begin(size_t i, const rl::LogOffsets& offsets) const {
  if (is_open(i)) return;
  fs::create_directories(stage_folder(i));
  write_file_atomic(stage_folder(i) / kBegun,
                    json_text({{"hash", stages_[i].hash}, {"offsets", rl::write_offsets(offsets)}},
                              2) +
                        "\n");
}

void RunLedger::finish(size_t i, const json& cost) const {
  write_file_atomic(stage_folder(i) / "cost.json", json_text(cost, 2) + "\n");
  write_file_atomic(stage_folder(i) / kDone, json_text({{"hash", stages_[i].hash}}, 2) + "\n");
}

}  // namespace reckon::recipes
