#include "rewards/math_reward.h"

#include <nlohmann/json.hpp>

namespace reckon::rewards {

MathReward::MathReward(const MathConfig& config, const RewardServices& services)
    : JudgeReward(config, services), config_(config) {}

nlohmann::json MathReward::options() const {
  return {{"region", config_.region},
          {"style", config_.style},
          {"decimal_comma", config_.decimal_comma},
          {"exact_decimals", config_.decimal_rule == "exact"},
          {"require_evaluated", config_.require_evaluated},
          {"think_prefilled", config_.think_prefilled.value_or(false)}};
}

nlohmann::json MathReward::request(const RewardInput& input) const {
  auto gold = gold_text(input.columns, config_.column);
  if (!gold) return nullptr;
  return {{"kind", "math"},
          {input.bare_answer ? "answer" : "completion", completion(input)},
          {"gold", std::move(*gold)},
          {"options", options()}};
}

std::vector<RewardResult> MathReward::check_golds(
    std::span<const nlohmann::json* const> columns) const {
  // A gold may restate its task; that rule is for answers.
  auto without_rule = options();
  without_rule["require_evaluated"] = false;
  std::vector<nlohmann::json> requests;
  for (const auto* row : columns) {
    const auto gold = gold_text(*row, config_.column);
    if (!gold) {
      requests.emplace_back();
      continue;
    }
    requests.push_back(
        {{"kind", "math"}, {"answer", *gold}, {"gold", *gold}, {"options", without_rule}});
  }
  return ask(std::move(requests));
}

}  // namespace reckon::rewards
