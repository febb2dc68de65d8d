#include "rewards/answer_form.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace reckon::rewards {

namespace {

/// The text of a column; empty if there is none.
std::string text_of(const nlohmann::json& columns, const std::string& column) {
  if (!columns.is_object()) return "";
  const auto found = columns.find(column);
  return found != columns.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

AnswerFormReward::AnswerFormReward(const AnswerFormConfig& config)
    : Reward(config),
      config_(config),
      rules_{true, config.strict, config.think_prefilled.value_or(false)} {}

RewardResult AnswerFormReward::score(const RewardInput& input) const {
  RewardResult result{0.0, "", text_of(input.columns, config_.column), ""};
  if (result.gold != config_.marked && result.gold != config_.unmarked) {
    result.value.reset();
    result.reason = fmt::format("expected {} or {} in the column `{}`", config_.marked,
                                config_.unmarked, config_.column);
    return result;
  }
  const ThinkAnswer parts = read_think_answer(input, config_.end_token, rules_);
  if (!parts.valid) {
    result.reason = parts.reason;
    return result;
  }
  const bool marked = parts.answer.find(config_.mark) != std::string_view::npos;
  result.extracted = marked ? config_.marked : config_.unmarked;
  const bool obeyed = result.extracted == result.gold;
  result.value = obeyed ? 1.0 : 0.0;
  result.reason = obeyed ? "the asked form" : "the other form";
  return result;
}

}  // namespace reckon::rewards
