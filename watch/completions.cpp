#include "watch/completions.h"

#include <charconv>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "watch/growing_file.h"

namespace reckon::watch {

namespace {

using nlohmann::json;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

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

// Takes `,"KEY":` and what follows it off the end of `line`, if it is there.
bool cut_end(std::string_view& line, std::string_view key, std::string_view& value,
             std::string_view characters) {
  const size_t last = line.find_last_not_of(characters);
  if (last == std::string_view::npos) return false;
  const std::string_view head = line.substr(0, last + 1);
  if (!head.ends_with(key)) return false;
  value = line.substr(last + 1);
  line = head.substr(0, head.size() - key.size());
  return true;
}

// The trainer writes keys by alphabet, so its lines end in stage and step. The quote after a comma
// must open a key there, whatever texts the line holds, and the last bracket closes the line.
bool find_place_at_end(std::string_view line, Place& place) {
  constexpr std::string_view digits = "0123456789";
  std::string_view step, stage;
  if (!line.ends_with("}")) return false;
  line.remove_suffix(1);
  if (!cut_end(line, ",\"step\":", step, digits) || step.empty() || step.size() > 12) return false;
  if (!line.ends_with('"')) return false;
  line.remove_suffix(1);
  const size_t quote = line.rfind('"');
  if (quote == std::string_view::npos) return false;
  stage = line.substr(quote + 1);
  if (stage.find('\\') != std::string_view::npos) return false;
  if (!line.substr(0, quote).ends_with(",\"stage\":")) return false;
  int64_t number = 0;
  std::from_chars(step.data(), step.data() + step.size(), number);
  place = {stage, number};
  return true;
}

Place place_of(std::string_view line) {
  Place place;
  return find_place_at_end(line, place) ? place : find_place(line);
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

// What the run recorded of each token; both lists are as long, or there are none.
void read_tokens(const json& line, Completion& completion) {
  const auto logprobs = line.find("logprobs");
  const auto tokens = line.find("tokens");
  if (logprobs == line.end() || !logprobs->is_array()) return;
  for (const json& value : *logprobs) {
    completion.logprobs.push_back(value.is_number() ? value.get<double>() : kMissing);
  }
  if (tokens == line.end() || !tokens->is_array() || tokens->size() != logprobs->size()) return;
  for (const json& text : *tokens) {
    completion.tokens.push_back(text.is_string() ? text.get<std::string>() : std::string());
  }
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
  const auto rewards = line.find("rewards");
  if (rewards != line.end() && rewards->is_object()) {
    for (const auto& [name, value] : rewards->items()) {
      auto& reward = completion.rewards[name];
      if (value.is_number()) reward = value.get<double>();
    }
  }
  read_tokens(line, completion);
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

void add_completion_line(std::vector<CompletionStep>& steps, std::string_view line,
                         uint64_t offset) {
  const Place place = place_of(line);
  if (!place.step) return;
  const std::string_view stage = place.stage.value_or("");
  if (steps.empty() || steps.back().step != *place.step || steps.back().stage != stage) {
    steps.push_back({std::string(stage), *place.step, offset, 0, 0});
  }
  steps.back().size = offset + line.size() + 1 - steps.back().offset;
  ++steps.back().count;
}

std::vector<CompletionStep> index_completions(const std::filesystem::path& file) {
  std::vector<CompletionStep> steps;
  const auto end = std::numeric_limits<uint64_t>::max();
  for_each_line(file, 0, end, [&](std::string_view line, uint64_t offset) {
    add_completion_line(steps, line, offset);
    return true;
  });
  return steps;
}

std::optional<Completion> parse_completion(std::string_view line, size_t max_text) {
  try {
    const json value = parse_json_text(line, "completions.jsonl");
    if (value.is_object()) return completion_of(value, max_text);
  } catch (const Error&) {
    return std::nullopt;
  }
  return std::nullopt;
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
    // A broken line costs its own answer, not the page.
    auto completion = parse_completion(line, max_text);
    if (completion) completions.push_back(std::move(*completion));
  }
  return completions;
}

}  // namespace reckon::watch
