#include "rewards/format.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/text.h"

namespace reckon::rewards {

namespace {

constexpr std::array<std::string_view, 4> kTags = {"<think>", "</think>", "<answer>", "</answer>"};

/// The kinds with an option `think_prefilled`.
constexpr std::array<std::string_view, 10> kTagKinds = {
    "answer_form", "format", "code",           "countdown", "knights_knaves",
    "language",    "math",   "repeated_steps", "tag_count", "thinks"};

/// How often a tag stands in the text, and where it does so last.
struct TagPlace {
  size_t count = 0;
  size_t begin = 0;
  size_t end = 0;
};

std::array<TagPlace, kTags.size()> find_tags(std::string_view text) {
  std::array<TagPlace, kTags.size()> places;
  for (size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    for (size_t tag = 0; tag < kTags.size(); ++tag) {
      if (!text.substr(at).starts_with(kTags[tag])) continue;
      places[tag] = {places[tag].count + 1, at, at + kTags[tag].size()};
    }
  }
  return places;
}

ThinkAnswer broken(std::string reason) { return {false, {}, {}, std::move(reason)}; }

}  // namespace

std::string_view without_end_token(std::string_view completion, std::string_view end_token) {
  std::string_view text = trim(completion);
  if (!end_token.empty() && text.ends_with(end_token)) text.remove_suffix(end_token.size());
  return trim(text);
}

ThinkAnswer scan_think_answer(std::string_view text, bool ended, const ThinkAnswerRules& rules) {
  if (rules.strict && !ended) return broken("does not end");
  std::array<TagPlace, kTags.size()> places = find_tags(text);
  const size_t num_tags = rules.answer ? kTags.size() : 2;
  size_t behind = 0;  // end of the tag before
  for (size_t tag = 0; tag < num_tags; ++tag) {
    const bool prefilled = tag == 0 && rules.think_prefilled;
    const size_t wanted = prefilled ? 0 : 1;
    if (places[tag].count != wanted) {
      return broken(fmt::format("{} of {}, expected {}", places[tag].count, kTags[tag], wanted));
    }
    if (prefilled) continue;
    if (places[tag].begin < behind) return broken(fmt::format("{} out of order", kTags[tag]));
    behind = places[tag].end;
  }

  const auto& [think, end_think, answer, end_answer] = places;
  const auto cut = [text](size_t begin, size_t end) {
    return trim(text.substr(begin, end - begin));
  };
  const std::string_view inside = text.substr(think.end, end_think.begin - think.end);
  if (rules.strict && !cut(0, think.begin).empty()) return broken("text before <think>");
  if (!rules.answer) return {true, inside, cut(end_think.end, text.size()), "valid"};
  if (rules.strict && !cut(end_think.end, answer.begin).empty()) {
    return broken("text between </think> and <answer>");
  }
  if (rules.strict && !cut(end_answer.end, text.size()).empty()) {
    return broken("text after </answer>");
  }
  return {true, inside, cut(answer.end, end_answer.begin), "valid"};
}

ThinkAnswer read_think_answer(const RewardInput& input, std::string_view end_token,
                              const ThinkAnswerRules& rules) {
  const std::string_view text = without_end_token(input.completion, end_token);
  if (input.bare_answer) return {true, {}, text, "valid"};
  return scan_think_answer(text, !input.truncated, rules);
}

nlohmann::json with_think_prefilled(nlohmann::json config, bool think_prefilled) {
  if (!config.is_object()) return config;
  if (const auto accuracy = config.find("accuracy"); accuracy != config.end()) {
    *accuracy = with_think_prefilled(std::move(*accuracy), think_prefilled);
  }
  const auto kind = config.value("kind", nlohmann::json());
  const bool reads_tags = std::ranges::find(kTagKinds, kind) != kTagKinds.end();
  const auto given = config.find("think_prefilled");
  if (reads_tags && think_prefilled && (given == config.end() || given->is_null())) {
    config["think_prefilled"] = true;
  }
  return config;
}

FormatReward::FormatReward(const FormatConfig& config)
    : Reward(config),
      rules_{config.style == "think_answer", config.strict, config.think_prefilled.value_or(false)},
      end_token_(config.end_token) {}

RewardResult FormatReward::score(const RewardInput& input) const {
  const std::string_view text = without_end_token(input.completion, end_token_);
  const ThinkAnswer parts = scan_think_answer(text, !input.truncated, rules_);
  return {parts.valid ? 1.0 : 0.0, std::string(parts.answer), "", parts.reason};
}

TagCounts count_tags(std::string_view text) {
  const auto places = find_tags(text);
  return {places[0].count, places[1].count, places[2].count, places[3].count};
}

TagCountReward::TagCountReward(const TagCountConfig& config)
    : Reward(config),
      answer_(config.style == "think_answer"),
      think_prefilled_(config.think_prefilled.value_or(false)) {}

RewardResult TagCountReward::score(const RewardInput& input) const {
  const TagCounts counts = count_tags(input.completion);
  int asked = 1;
  int right = counts.end_think == 1 ? 1 : 0;
  if (!think_prefilled_) {
    ++asked;
    right += counts.think == 1 ? 1 : 0;
  }
  if (answer_) {
    asked += 2;
    right += (counts.answer == 1 ? 1 : 0) + (counts.end_answer == 1 ? 1 : 0);
  }
  return {static_cast<double>(right) / asked, "", "",
          fmt::format("{} of {} tags stand once", right, asked)};
}

}  // namespace reckon::rewards
