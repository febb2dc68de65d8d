#include "tests/cli/run_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/fingerprint.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/jsonl.h"

namespace reckon::tests {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLineFiles[] = {"metrics.jsonl", "completions.jsonl", "evals.jsonl"};
constexpr const char* kStageLineFiles[] = {"samples.jsonl", "dropped.jsonl"};
constexpr const char* kStageFiles[] = {"summary.json", "cost.json"};

// Of a large file its fingerprint: two runs of a real model would not fit in memory.
std::string bytes_of(const fs::path& file) {
  constexpr uintmax_t kLarge = uintmax_t{16} << 20;
  return fs::file_size(file) > kLarge ? hex16(fingerprint(file)) : read_file(file);
}

bool is_measurement(const std::string& key) {
  return key.starts_with("time/") || key.starts_with("tokens_per_second/") ||
         key.starts_with("memory/") || key == "step_time";
}

nlohmann::json without_measurements(const nlohmann::json& object) {
  nlohmann::json kept = nlohmann::json::object();
  for (const auto& [key, value] : object.items()) {
    if (!is_measurement(key)) kept[key] = value;
  }
  return kept;
}

// Strict: a finished run has no torn line.
std::string without_measurements(const fs::path& file) {
  std::string text;
  for_each_jsonl(
      file,
      [&](const nlohmann::json& line, uint64_t) {
        text += json_text(without_measurements(line)) + "\n";
      },
      JsonlMode::strict);
  return text;
}

}  // namespace

RunBytes run_bytes(const fs::path& run) {
  RunBytes bytes;
  for (const char* name : kLineFiles) {
    if (fs::exists(run / name)) bytes[name] = without_measurements(run / name);
  }
  if (!fs::exists(run / "stages")) return bytes;
  for (const auto& stage : fs::directory_iterator(run / "stages")) {
    for (const char* name : kStageLineFiles) {
      const auto file = stage.path() / name;
      if (fs::exists(file)) bytes[file.lexically_relative(run).string()] = without_measurements(file);
    }
    for (const char* name : kStageFiles) {
      const auto file = stage.path() / name;
      if (!fs::exists(file)) continue;
      bytes[file.lexically_relative(run).string()] =
          json_text(without_measurements(read_json_file(file)));
    }
    const auto model = stage.path() / "model";
    if (!fs::exists(model)) continue;
    for (const auto& file : fs::directory_iterator(model)) {
      bytes[file.path().lexically_relative(run).string()] = bytes_of(file.path());
    }
  }
  return bytes;
}

std::string difference(const RunBytes& wanted, const RunBytes& got) {
  std::string text;
  for (const auto& [name, bytes] : wanted) {
    const auto other = got.find(name);
    if (other == got.end()) {
      text += name + " is missing; ";
    } else if (other->second != bytes) {
      const auto pair =
          std::mismatch(bytes.begin(), bytes.end(), other->second.begin(), other->second.end());
      const auto place = static_cast<size_t>(pair.first - bytes.begin());
      text += fmt::format("{} differs at byte {} of {} (line {}); ", name, place, bytes.size(),
                          1 + std::count(bytes.begin(), pair.first, '\n'));
    }
  }
  for (const auto& [name, bytes] : got) {
    if (!wanted.contains(name)) text += name + " is surplus; ";
  }
  return text;
}

RunBytes all_bytes(const fs::path& folder) {
  RunBytes bytes;
  if (!fs::exists(folder)) return bytes;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).string();
    bytes[name] = entry.is_regular_file() ? read_file(entry.path()) : "a folder";
  }
  return bytes;
}

uint64_t written_bytes(const fs::path& run) {
  uint64_t sum = 0;
  for (const char* name : kLineFiles) {
    std::error_code missing;
    const auto size = fs::file_size(run / name, missing);
    if (!missing) sum += size;
  }
  return sum;
}

}  // namespace reckon::tests
