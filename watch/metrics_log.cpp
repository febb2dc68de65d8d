#include "watch/metrics_log.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/error.h"
#include "core/json.h"

namespace reckon::watch {

namespace {

using nlohmann::json;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
// Far more than a trainer writes; a file with more is damaged and must not fill the memory.
constexpr size_t kMaxColumns = 1000;
constexpr size_t kMaxStages = 1000;
constexpr int64_t kMaxStep = int64_t{1} << 40;

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Steps come from a file: out of range or not finite is no step.
std::optional<int64_t> step_of(double number) {
  if (!(std::abs(number) < static_cast<double>(kMaxStep))) return std::nullopt;
  return static_cast<int64_t>(number);
}

StageMetrics* metrics_of(std::vector<StageMetrics>& stages, std::string_view stage) {
  for (StageMetrics& metrics : stages) {
    if (metrics.stage == stage) return &metrics;
  }
  if (stages.size() >= kMaxStages) return nullptr;
  stages.push_back({std::string(stage), {}, {}, {}});
  return &stages.back();
}

// A step that comes again is a run that went on from a checkpoint: the newer row counts.
bool drop_repeated(StageMetrics& metrics, int64_t step) {
  if (metrics.steps.empty() || metrics.steps.back() < step) return false;
  const auto first = std::lower_bound(metrics.steps.begin(), metrics.steps.end(), step);
  metrics.steps.erase(first, metrics.steps.end());
  for (auto& [key, column] : metrics.columns) {
    column.resize(std::min(column.size(), metrics.steps.size()));
  }
  return true;
}

// The column of that name, or null where there are too many.
std::vector<double>* column_of(StageMetrics& metrics, const std::string& key) {
  const auto found = metrics.columns.find(key);
  if (found != metrics.columns.end()) return &found->second;
  if (metrics.columns.size() >= kMaxColumns) return nullptr;
  return &metrics.columns[key];
}

void put(std::vector<double>& column, size_t row, double value) {
  if (column.size() > row) return;  // the key stands twice in the line
  column.resize(row, kMissing);
  column.push_back(value);
}

/// Reads a line of the form {"key": number or text or null, ...}; whatever else it meets makes it
/// give up.
class FlatReader {
 public:
  explicit FlatReader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  void skip_spaces() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }
  bool take(char c) {
    skip_spaces();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool at_end() {
    skip_spaces();
    return at_ == end_;
  }
  char next() {
    skip_spaces();
    return at_ < end_ ? *at_ : '\0';
  }
  // A text without escapes and control characters.
  bool read_text(std::string_view& text) {
    if (!take('"')) return false;
    const char* begin = at_;
    while (at_ < end_ && *at_ != '"') {
      const auto byte = static_cast<unsigned char>(*at_++);
      if (byte == '\\' || byte < 0x20 || byte >= 0x80) return false;
    }
    if (at_ == end_) return false;
    text = {begin, static_cast<size_t>(at_++ - begin)};
    return true;
  }
  bool read_number(double& value) {
    const char* digit = at_ + (*at_ == '-' ? 1 : 0);
    if (digit >= end_ || *digit < '0' || *digit > '9') return false;
    const auto [stop, error] = std::from_chars(at_, end_, value);
    if (error != std::errc()) return false;
    at_ = stop;
    return true;
  }
  bool take_word(std::string_view word) {
    if (!std::string_view(at_, static_cast<size_t>(end_ - at_)).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

 private:
  const char* at_;
  const char* end_;
};

}  // namespace

MetricsChange add_metrics(std::vector<StageMetrics>& stages, const json& line) {
  if (!line.is_object()) return MetricsChange::broken;
  const auto number = line.find("step");
  if (number == line.end() || !number->is_number()) return MetricsChange::none;
  const std::optional<int64_t> step = step_of(number->get<double>());
  if (!step) return MetricsChange::none;
  StageMetrics* metrics = metrics_of(stages, text_of(line, "stage"));
  if (metrics == nullptr) return MetricsChange::none;
  if (metrics->kind.empty()) metrics->kind = text_of(line, "kind");
  const bool replaced = drop_repeated(*metrics, *step);
  const size_t row = metrics->steps.size();
  metrics->steps.push_back(*step);
  for (const auto& [key, value] : line.items()) {
    if (!value.is_number() || key == "step") continue;
    std::vector<double>* column = column_of(*metrics, key);
    if (column != nullptr) put(*column, row, value.get<double>());
  }
  return replaced ? MetricsChange::replaced : MetricsChange::added;
}

bool MetricsReader::read_flat(std::string_view text, FlatLine& line) {
  line.stage = line.kind = {};
  line.numbers.clear();
  FlatReader reader(text);
  if (!reader.take('{')) return false;
  if (reader.take('}')) return reader.at_end();
  do {
    std::string_view key;
    if (!reader.read_text(key) || !reader.take(':')) return false;
    const char first = reader.next();
    double number = 0.0;
    std::string_view value;
    if (first == '"') {
      if (!reader.read_text(value)) return false;
      if (key == "stage") line.stage = value;
      if (key == "kind") line.kind = value;
    } else if (first == '-' || (first >= '0' && first <= '9')) {
      if (!reader.read_number(number)) return false;
      line.numbers.emplace_back(key, number);
    } else if (!reader.take_word("null") && !reader.take_word("true") &&
               !reader.take_word("false")) {
      return false;
    }
  } while (reader.take(','));
  return reader.take('}') && reader.at_end();
}

MetricsChange MetricsReader::add_flat(std::vector<StageMetrics>& stages) {
  const auto number = std::find_if(line_.numbers.begin(), line_.numbers.end(),
                                   [](const auto& pair) { return pair.first == "step"; });
  if (number == line_.numbers.end()) return MetricsChange::none;
  const std::optional<int64_t> step = step_of(number->second);
  if (!step) return MetricsChange::none;
  StageMetrics* metrics = metrics_of(stages, line_.stage);
  if (metrics == nullptr) return MetricsChange::none;
  if (metrics->kind.empty()) metrics->kind = line_.kind;
  if (stage_ != line_.stage) reset();
  stage_ = line_.stage;
  const bool replaced = drop_repeated(*metrics, *step);
  const size_t row = metrics->steps.size();
  metrics->steps.push_back(*step);
  places_.resize(std::max(places_.size(), line_.numbers.size()));
  for (size_t i = 0; i < line_.numbers.size(); ++i) {
    const auto& [key, value] = line_.numbers[i];
    if (key == "step") continue;
    Place& place = places_[i];
    if (place.column == nullptr || place.key != key) {
      place = {std::string(key), column_of(*metrics, std::string(key))};
    }
    if (place.column != nullptr) put(*place.column, row, value);
  }
  return replaced ? MetricsChange::replaced : MetricsChange::added;
}

MetricsChange MetricsReader::add(std::vector<StageMetrics>& stages, std::string_view line) {
  if (read_flat(line, line_)) return add_flat(stages);
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return MetricsChange::none;
  try {
    return add_metrics(stages, parse_json_text(line, "metrics.jsonl"));
  } catch (const Error&) {
    return MetricsChange::broken;
  }
}

}  // namespace reckon::watch
