#include "policy/gguf/gguf_pre_tokenizer.h"

#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/error.h"

namespace reckon::policy {
namespace {

using nlohmann::json;
using Ordered = nlohmann::ordered_json;

// The expressions that split a text into words in the tokenizers of GPT-2, Llama 3 and Qwen 2.
constexpr const char* kGpt2 =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr const char* kLlama3 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kQwen2 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

// One step of a pre-tokenizer: splits at matches of `pattern`, or each digit off, or, last, into
// words by GPT-2's expression.
struct Step {
  enum class Kind { split, digits, words, bytes };
  Kind kind;
  std::string pattern = {};
  bool operator==(const Step&) const = default;
};
using Steps = std::vector<Step>;

Step split(const char* pattern) { return {Step::Kind::split, pattern}; }

struct Family {
  const char* name;  // the first one with some steps is the name that is written
  GgufPreTokenizer rules;
  Steps steps;
};

const std::vector<Family>& families() {
  static const Step words{Step::Kind::words}, bytes{Step::Kind::bytes}, digits{Step::Kind::digits};
  static const Steps llama3 = {split(kLlama3), bytes};
  static const Steps qwen2 = {split(kQwen2), bytes};
  static const GgufPreTokenizer llama3_rules = {.ignore_merges = true, .adds_bos = true};
  static const std::vector<Family> list = {
      {"gpt-2", {}, {words}},
      {"smollm", {}, {digits, words}},
      {"llama-bpe", llama3_rules, llama3},
      {"llama3", llama3_rules, llama3},
      {"llama-v3", llama3_rules, llama3},
      {"qwen2", {.nfc = true}, qwen2},
      {"deepseek-r1-qwen", {.nfc = true}, qwen2},
      // What programs do with files that do not say it.
      {"default",
       {},
       {split(R"([\p{P}\$\+<=>\^~\|]+)"), split(kGpt2), split(R"(\p{N}+)"),
        split("[0-9][0-9][0-9]"), bytes}},
  };
  return list;
}

const Family* find_family(std::string_view name) {
  if (name.empty()) name = "default";
  for (const Family& family : families()) {
    if (name == family.name) return &family;
  }
  return nullptr;
}

Ordered step_json(const Step& step) {
  switch (step.kind) {
    case Step::Kind::split:
      return {{"type", "Split"},
              {"pattern", {{"Regex", step.pattern}}},
              {"behavior", "Isolated"},
              {"invert", false}};
    case Step::Kind::digits:
      return {{"type", "Digits"}, {"individual_digits", true}};
    default:
      return {{"type", "ByteLevel"},
              {"add_prefix_space", false},
              {"trim_offsets", true},
              {"use_regex", step.kind == Step::Kind::words}};
  }
}

// Whether member `key` of the object is `value`; `fallback` where it is absent.
bool is(const json& object, const char* key, const json& value, bool fallback = false) {
  const auto found = object.find(key);
  return found == object.end() ? fallback : *found == value;
}

std::optional<Step> read_step(const json& step) {
  if (!step.is_object()) return {};
  if (is(step, "type", "Digits") && is(step, "individual_digits", true)) {
    return Step{Step::Kind::digits};
  }
  if (is(step, "type", "ByteLevel") && is(step, "add_prefix_space", false)) {
    return Step{is(step, "use_regex", true, true) ? Step::Kind::words : Step::Kind::bytes};
  }
  const auto pattern = step.find("pattern");
  if (is(step, "type", "Split") && is(step, "behavior", "Isolated") &&
      is(step, "invert", false, true) && pattern != step.end() && pattern->is_object() &&
      pattern->size() == 1 && pattern->contains("Regex") && pattern->at("Regex").is_string()) {
    return Step{Step::Kind::split, pattern->at("Regex").get<std::string>()};
  }
  return {};
}

}  // namespace

std::optional<GgufPreTokenizer> find_pre_tokenizer(std::string_view name) {
  const Family* family = find_family(name);
  return family == nullptr ? std::nullopt : std::optional(family->rules);
}

Ordered pre_tokenizer_json(std::string_view name) {
  const Family* family = find_family(name);
  check(family != nullptr, ErrorCode::internal, "expected a known pre-tokenizer, got {}", name);
  if (family->steps.size() == 1) return step_json(family->steps.front());
  Ordered steps = Ordered::array();
  for (const Step& step : family->steps) steps.push_back(step_json(step));
  return {{"type", "Sequence"}, {"pretokenizers", steps}};
}

std::optional<std::string> recognize_pre_tokenizer(const json& tokenizer) {
  const auto part = tokenizer.is_object() ? tokenizer.find("pre_tokenizer") : tokenizer.end();
  if (part == tokenizer.end() || !part->is_object()) return {};
  json list = json::array({*part});
  if (is(*part, "type", "Sequence")) {
    const auto steps = part->find("pretokenizers");
    if (steps == part->end() || !steps->is_array()) return {};
    list = *steps;
  }
  Steps steps;
  for (const json& item : list) {
    const std::optional<Step> step = read_step(item);
    if (!step) return {};
    steps.push_back(*step);
  }
  for (const Family& family : families()) {
    if (family.steps == steps) return family.name;
  }
  return {};
}

}  // namespace reckon::policy
