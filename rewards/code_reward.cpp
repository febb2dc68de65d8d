#include "rewards/code_reward.h"

#include <nlohmann/json.hpp>

namespace reckon::rewards {

CodeReward::CodeReward(const CodeConfig& config, const RewardServices& services)
    : JudgeReward(config, services), config_(config) {}

nlohmann::json CodeReward::request(const RewardInput& input) const {
  nlohmann::json request{{"kind", "code"},
                         {input.bare_answer ? "answer" : "completion", completion(input)},
                         {"columns", input.columns},
                         {"region", config_.region},
                         {"score", config_.score},
                         {"max_tests", config_.max_tests},
                         {"per_test", config_.per_test},
                         {"use_challenge_tests", config_.use_challenge_tests},
                         {"think_prefilled", config_.think_prefilled.value_or(false)}};
  if (config_.language) request["language"] = *config_.language;
  if (config_.tuple_as_list) request["tuple_as_list"] = *config_.tuple_as_list;
  if (!config_.comparator->is_null()) request["comparator"] = *config_.comparator;
  if (!config_.limits->is_null()) request["limits"] = *config_.limits;
  return request;
}

}  // namespace reckon::rewards
