#include "rewards/answer.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/json.h"

namespace reckon::rewards {

const nlohmann::json* find_gold(const nlohmann::json& columns, const std::string& column) {
  if (!columns.is_object()) return nullptr;
  for (const char* name : {"gold", "answer", "solution"}) {
    const auto found = columns.find(column.empty() ? name : column.c_str());
    if (found != columns.end()) return &*found;
  }
  return nullptr;
}

namespace {

/// The canonical gold; empty if it cannot be read.
std::string read_gold(const nlohmann::json& columns, const std::string& column) {
  const nlohmann::json* gold = find_gold(columns, column);
  if (gold == nullptr) return "";
  if (gold->is_number()) return canonical_answer(json_text(*gold));
  if (!gold->is_string()) return "";
  const auto& text = gold->get_ref<const std::string&>();
  const BoxedScan boxed = scan_boxed(text);
  if (boxed.complete > 0) return canonical_answer(boxed.last);
  return canonical_answer(extract_answer(text, AnswerForm::gsm8k).value_or(text));
}

}  // namespace

AnswerReward::AnswerReward(const AnswerConfig& config)
    : Reward(config), form_(config.extract), column_(config.column) {}

RewardResult AnswerReward::score(const RewardInput& input) const {
  RewardResult result;
  result.gold = read_gold(input.columns, column_);
  if (result.gold.empty()) {
    result.reason = "expected a number or a text in the column of the gold answer";
    return result;
  }
  result.value = 0.0;
  const auto answer =
      input.bare_answer ? std::optional(input.completion) : extract_answer(input.completion, form_);
  if (!answer) {
    result.reason = "no final answer";
    return result;
  }
  result.extracted = canonical_answer(*answer);
  if (result.extracted == result.gold) {
    result.value = 1.0;
    result.reason = "correct";
  } else {
    result.reason = fmt::format("answers {}, gold {}", result.extracted, result.gold);
  }
  return result;
}

BoxedReward::BoxedReward(const RewardConfig& config) : Reward(config) {}

RewardResult BoxedReward::score(const RewardInput& input) const {
  const BoxedScan boxed = scan_boxed(after_thought(input.completion));
  RewardResult result{0.0, std::string(boxed.last), "", "one box"};
  if (boxed.complete != 1) {
    result.reason = fmt::format("{} closed boxes, expected 1", boxed.complete);
  } else if (boxed.unfinished > 0) {
    result.reason = "a box without an end";
  } else if (boxed.last.empty()) {
    result.reason = "an empty box";
  } else {
    result.value = 1.0;
  }
  return result;
}

}  // namespace reckon::rewards
