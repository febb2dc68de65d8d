#include "watch/completions.h"

#include <charconv>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"

namespace reckon::watch {

namespace {

using nlohmann::json;

struct Place {
  std::optional<std::string_view> stage;
  std::optional<int64_t> step;
};

// The closing quote of the string that opens at `begin`, or npos.
size_t end_of_string(std::string_view line, size_t begin) {
  size_t at = begin + 1;
  while (at < line.size()) {
    const void* quote = std::memchr(line.data() + at, '"', line.size() - at);
    if (quote == nullptr) return std::string_view::npos;
    const size_t end = static_cast<size_t>(static_cast<const char*>(quote) - line.data());
    size_t backslashes = 0;
    while (end - backslashes > begin + 1 && line[end - backslashes - 1] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return end;
    at = end + 1;
  }
  return std::string_view::npos;
}

void take_value(std::string_view line, size_t at, std::string_view key, Place& place) {
  while (at < line.size() && (line[at] == ':' || line[at] == ' ')) ++at;
  if (key == "step") {
    int64_t step = 0;
    const auto [end, error] = std::from_chars(line.data() + at, line.data() + line.size(), step);
    if (error == std::errc()) place.step = step;
  } else if (at < line.size() && line[at] == '"') {
    const size_t end = end_of_string(line, at);
    if (end != std::string_view::npos) place.stage = line.substr(at + 1, end - at - 1);
  }
}

// Finds `stage` and `step` of the outer object without building the value: texts are jumped over,
// which makes this an order of magnitude faster than a parser.
Place find_place(std::string_view line) {
  Place place;
  int depth = 0;
  for (size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    } else if (c == '"') {
      const size_t end = end_of_string(line, at);
      if (end == std::string_view::npos) return place;
      const std::string_view text = line.substr(at + 1, end - at - 1);
      at = end;
      const bool is_key =
          depth == 1 && end + 1 < line.size() && (line[end + 1] == ':' || line[end + 1] == ' ');
      if (is_key && (text == "step" || text == "stage")) take_value(line, end + 1, text, place);
      if (place.step && place.stage) return place;
    }
  }
  return place;
}

std::string text_of(const json& object, const char* key, size_t max_bytes) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return {};
  const std::string text = found->is_string() ? found->get<std::string>() : json_text(*found);
  return std::string(cut_text(text, max_bytes));
}

std::optional<double> number_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

int64_t integer_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<int64_t>() : 0;
}

Completion completion_of(const json& line, size_t max_text) {
  Completion completion;
  completion.prompt_index = integer_of(line, "prompt_index");
  completion.sample = integer_of(line, "sample");
  completion.num_tokens = integer_of(line, "num_tokens");
  completion.prompt = text_of(line, "prompt", max_text);
  completion.completion = text_of(line, "completion", max_text);
  const auto whole = line.find("completion");
  if (whole != line.end() && whole->is_string()) {
    completion.completion_bytes = whole->get_ref<const std::string&>().size();
  }
  completion.finish_reason = text_of(line, "finish_reason", 100);
  completion.extracted = text_of(line, "extracted", 1000);
  completion.gold = text_of(line, "gold", 1000);
  completion.reason = text_of(line, "reason", 1000);
  completion.reward = number_of(line, "reward");
  completion.advantage = number_of(line, "advantage");
  // A reward need not follow the truth (a control draws it by chance); the verdict does.
  completion.correct = completion.reason.empty() ? completion.reward.value_or(0.0) >= 1.0
                                                 : completion.reason == "correct";
  completion.difficulty = text_of(line, "difficulty", 100);
  return completion;
}

std::ifstream open(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  check(stream.is_open(), ErrorCode::io, "expected a readable file, got an error, in {}",
        file.string());
  return stream;
}

}  // namespace

std::string_view cut_text(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t size = max_bytes;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
  return text.substr(0, size);
}

std::vector<CompletionStep> index_completions(const std::filesystem::path& file) {
  std::vector<CompletionStep> steps;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return steps;
  std::ifstream stream = open(file);
  uint64_t offset = 0;
  for (std::string line; std::getline(stream, line);) {
    // The last line counts only with its line end: without one it may be half a line.
    if (stream.eof()) break;
    const uint64_t size = line.size() + 1;
    const Place place = find_place(line);
    if (place.step) {
      const std::string_view stage = place.stage.value_or("");
      if (steps.empty() || steps.back().step != *place.step || steps.back().stage != stage) {
        steps.push_back({std::string(stage), *place.step, offset, 0, 0});
      }
      steps.back().size = offset + size - steps.back().offset;
      ++steps.back().count;
    }
    offset += size;
  }
  return steps;
}

std::vector<Completion> read_completions(const std::filesystem::path& file,
                                         const CompletionStep& step, size_t max_text,
                                         size_t max_count) {
  std::vector<Completion> completions;
  std::ifstream stream = open(file);
  stream.seekg(static_cast<std::streamoff>(step.offset));
  uint64_t read = 0;
  for (std::string line; read < step.size && completions.size() < max_count;) {
    if (!std::getline(stream, line)) break;
    read += line.size() + 1;
    try {
      const json value = parse_json_text(line, file.string());
      if (value.is_object()) completions.push_back(completion_of(value, max_text));
    } catch (const Error&) {
      continue;  // a broken line costs its own answer, not the page
    }
  }
  return completions;
}

}  // namespace reckon::watch
