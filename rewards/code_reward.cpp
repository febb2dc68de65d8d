#include "rewards/code_reward.h"

#include <nlohmann/json.hpp>

namespace reckon::rewards {

CodeReward::CodeReward(const CodeConfig& config, const RewardServices& services)
    : JudgeReward(config, services), config_(config) {}

nlohmann::json CodeReward::options() const {
  nlohmann::json request{{"kind", "code"},
                         {"region", config_.region},
                         {"style", config_.style},
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

nlohmann::json CodeReward::request(const RewardInput& input) const {
  nlohmann::json request = options();
  request[input.bare_answer ? "answer" : "completion"] = completion(input);
  request["columns"] = input.columns;
  return request;
}

std::vector<RewardResult> CodeReward::check_golds(
    std::span<const nlohmann::json* const> columns) const {
  std::vector<nlohmann::json> requests;
  for (const auto* row : columns) {
    nlohmann::json request = options();
    request["answer"] = "";  // the tests are read first, and then there is nothing to run
    request["columns"] = *row;
    requests.push_back(std::move(request));
  }
  auto results = ask(std::move(requests));
  for (RewardResult& result : results) {
    if (result.value) result.value = 1.0;
  }
  return results;
}

}  // namespace reckon::rewards
