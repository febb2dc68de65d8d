#include "rl/run_log.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"

namespace reckon::rl {
namespace {

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Markdown that shows the text as it is: TensorBoard would drop tags such as <think>.
std::string verbatim(const std::string& text) {
  std::string result = "    ";
  for (const char letter : text) {
    result += letter;
    if (letter == '\n') result += "    ";
  }
  return result;
}

JsonlWriter open_at(const std::filesystem::path& path, uint64_t offset) {
  if (std::filesystem::exists(path)) JsonlWriter::truncate(path, offset);
  check(offset == 0 || std::filesystem::exists(path), ErrorCode::corrupt,
        "expected {} bytes of an earlier run, got no file, in {}", offset, path.string());
  return JsonlWriter(path);
}

}  // namespace

nlohmann::json write_offsets(const LogOffsets& offsets) {
  return {{"metrics", offsets.metrics},
          {"completions", offsets.completions},
          {"evals", offsets.evals},
          {"events", offsets.events}};
}

LogOffsets read_offsets(const nlohmann::json& json, const std::string& file) {
  const auto read = [&](const char* key) {
    const auto found = json.is_object() ? json.find(key) : json.end();
    check(json.is_object() && found != json.end() && found->is_number_unsigned(),
          ErrorCode::corrupt, "expected a file offset, got none, in {}/offsets/{}", file, key);
    return found->get<uint64_t>();
  };
  return {read("metrics"), read("completions"), read("evals"), read("events")};
}

RunLog::RunLog(const std::filesystem::path& folder, const LogOffsets& offsets)
    : folder_(folder),
      metrics_(open_at(folder / "metrics.jsonl", offsets.metrics)),
      completions_(open_at(folder / "completions.jsonl", offsets.completions)),
      evals_(open_at(folder / "evals.jsonl", offsets.evals)) {
  const auto events = folder / "events";
  std::filesystem::create_directories(events);
  events_ = std::make_unique<EventFileWriter>(events, wall_seconds(), offsets.events);
}

void RunLog::metrics(const nlohmann::json& line) {
  metrics_.write(line);
  const double now = wall_seconds();
  const auto step = line.at("step").get<int64_t>();
  const auto stage = line.at("stage").get<std::string>();
  for (const auto& [key, value] : line.items()) {
    if (value.is_number() && key != "step") {
      events_->add_scalar(stage + "/" + key, value.get<double>(), step, now);
    }
  }
  events_->flush();
}

void RunLog::completion(const nlohmann::json& line) { completions_.write(line); }

void RunLog::evaluation(const nlohmann::json& line) {
  evals_.write(line);
  const auto stage = line.at("stage").get<std::string>();
  auto tag = fmt::format("{}/eval/{}", stage, line.at("data").get<std::string>());
  // A stage that evaluates several policies does so at one step.
  const auto policy = line.value("policy", stage);
  if (policy != stage) tag += "/" + policy;
  nlohmann::json values = line;
  values.erase("step");
  values.erase("sampling");
  add_scalars(tag, values, line.at("step").get<int64_t>());
  events_->flush();
}

void RunLog::add_scalars(const std::string& tag, const nlohmann::json& values, int64_t step) {
  for (const auto& [key, value] : values.items()) {
    const std::string name = tag + "/" + key;
    if (value.is_object()) add_scalars(name, value, step);
    if (value.is_number()) events_->add_scalar(name, value.get<double>(), step, wall_seconds());
  }
}

void RunLog::histogram(const std::string& tag, std::span<const double> values, int64_t step) {
  events_->add_histogram(tag, values, step, wall_seconds());
}

void RunLog::example(const std::string& tag, const std::string& prompt, const std::string& answer,
                     int64_t step) {
  events_->add_text(tag, "Prompt\n\n" + verbatim(prompt) + "\n\nAnswer\n\n" + verbatim(answer),
                    step, wall_seconds());
  events_->flush();
}

void RunLog::status(const RunStatus& status) {
  status_ = status;
  nlohmann::json json = {{"state", status.state},
                         {"stage", status.stage},
                         {"stage_index", status.stage_index},
                         {"num_stages", status.num_stages},
                         {"step", status.step},
                         {"max_steps", status.max_steps},
                         {"phase", status.phase},
                         {"heartbeat", wall_seconds()}};
  if (status.wall_time > 0.0) json["wall_time"] = status.wall_time;
  if (!status.message.empty()) json["message"] = status.message;
  // Written several times a step, and of no use after a crash of the machine: not forced to disk.
  write_file_atomic(folder_ / "status.json", json_text(json, 2) + "\n", Durability::process);
}

LogOffsets RunLog::sync() {
  metrics_.flush();
  completions_.flush();
  evals_.flush();
  events_->sync();
  return {metrics_.offset(), completions_.offset(), evals_.offset(), events_->offset()};
}

}  // namespace reckon::rl
