#include "rewards/regex_reward.h"

#include <nlohmann/json.hpp>

#include "rewards/user_pattern.h"

namespace reckon::rewards {

RegexReward::RegexReward(const RegexConfig& config, const RewardServices& services)
    : JudgeReward(config, services),
      pattern_(config.pattern),
      column_(config.column),
      has_answer_(UserPattern(config.pattern).has_answer()) {}

nlohmann::json RegexReward::request(const RewardInput& input) const {
  std::optional<std::string> gold;
  if (has_answer_) {
    gold = gold_text(input.columns, column_);
    if (!gold) return nullptr;
  }
  return {{"kind", "regex"},
          {"completion", completion(input)},
          {"pattern", pattern_},
          {"gold", gold.value_or("")}};
}

}  // namespace reckon::rewards
