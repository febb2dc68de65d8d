#include "rewards/text_match.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/json.h"
#include "rewards/answer_text.h"

namespace reckon::rewards {

namespace {

/// The text of a gold: a string, or a number as it is written.
std::optional<std::string> gold_text(const nlohmann::json& columns, const std::string& column) {
  const nlohmann::json* gold = find_gold(columns, column);
  if (gold == nullptr) return std::nullopt;
  if (gold->is_string()) return gold->get<std::string>();
  if (gold->is_number()) return json_text(*gold);
  return std::nullopt;
}

std::optional<std::string_view> find_text(const RewardInput& input, TextPlace place) {
  if (input.bare_answer) return input.completion;
  if (place == TextPlace::after_think) {
    return after_thought(without_end_marks(input.completion));
  }
  return extract_answer(input.completion, static_cast<AnswerForm>(place));
}

/// Cuts `open` from the front and `close` from the end if both stand there.
bool unwrap(std::string_view& text, std::string_view open, std::string_view close) {
  if (text.size() < open.size() + close.size()) return false;
  if (!text.starts_with(open) || !text.ends_with(close)) return false;
  text = text.substr(open.size(), text.size() - open.size() - close.size());
  return true;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// Takes one wrapping off; false if there is none.
bool unwrap_once(std::string_view& text) {
  struct Wrapping {
    std::string_view open;
    std::string_view close;
  };
  static constexpr std::array<Wrapping, 15> kWrappings = {{{"\\text{", "}"},
                                                           {"\\textbf{", "}"},
                                                           {"\\textrm{", "}"},
                                                           {"\\mathrm{", "}"},
                                                           {"\\mathbf{", "}"},
                                                           {"\\boxed{", "}"},
                                                           {"{", "}"},
                                                           {"$", "$"},
                                                           {"\\(", "\\)"},
                                                           {"**", "**"},
                                                           {"(", ")"},
                                                           {"[", "]"},
                                                           {"", "."},
                                                           {"", ")"},
                                                           {"", ":"}}};
  for (const auto& [open, close] : kWrappings) {
    if (unwrap(text, open, close)) {
      text = trimmed(text);
      return true;
    }
  }
  return false;
}

}  // namespace

ExactReward::ExactReward(const ExactConfig& config)
    : Reward(config),
      place_(config.extract),
      column_(config.column),
      folding_{config.nfkc, config.fold_case} {}

RewardResult ExactReward::score(const RewardInput& input) const {
  const auto gold = gold_text(input.columns, column_);
  if (!gold) return {std::nullopt, "", "", "expected a text in the column of the gold answer"};
  RewardResult result{0.0, "", folded_text(*gold, folding_), "no final answer"};
  const auto text = find_text(input, place_);
  if (!text) return result;
  result.extracted = folded_text(*text, folding_);
  const bool equal = result.extracted == result.gold;
  result.value = equal ? 1.0 : 0.0;
  result.reason = equal ? "the same text" : "another text";
  return result;
}

std::optional<char> choice_letter(std::string_view text) {
  // A letter needs few bytes even when it is wrapped several times: longer texts hold more.
  constexpr size_t kLongest = 64;
  text = without_end_marks(text);
  if (text.size() > kLongest) return std::nullopt;
  const std::string plain = folded_text(text, {});
  std::string_view inside = plain;
  while (unwrap_once(inside)) {
  }
  const bool letter = inside.size() == 1 && inside[0] >= 'A' && inside[0] <= 'J';
  return letter ? std::optional(inside[0]) : std::nullopt;
}

ChoiceReward::ChoiceReward(const AnswerConfig& config)
    : Reward(config), form_(config.extract), column_(config.column) {}

RewardResult ChoiceReward::score(const RewardInput& input) const {
  const auto text = gold_text(input.columns, column_);
  const auto gold = text ? choice_letter(*text) : std::nullopt;
  if (!gold) {
    return {std::nullopt, "", "", "expected a letter from A to J in the column of the gold answer"};
  }
  RewardResult result{0.0, "", std::string(1, *gold), "no final answer"};
  const auto answer =
      input.bare_answer ? std::optional(input.completion) : extract_answer(input.completion, form_);
  if (!answer) return result;
  const auto letter = choice_letter(*answer);
  if (!letter) {
    result.reason = "the answer is not one letter from A to J";
    return result;
  }
  result.extracted = std::string(1, *letter);
  result.value = *letter == *gold ? 1.0 : 0.0;
  result.reason = fmt::format("answers {}, gold {}", *letter, *gold);
  return result;
}

}  // namespace reckon::rewards
