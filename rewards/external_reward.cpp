#include "rewards/external_reward.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"

namespace reckon::rewards {

namespace {

/// One list a column, with null where a row has no such column.
nlohmann::json joined_columns(std::span<const RewardInput> inputs) {
  nlohmann::json columns = nlohmann::json::object();
  for (size_t i = 0; i < inputs.size(); ++i) {
    for (const auto& [name, value] : inputs[i].columns.items()) {
      auto& list = columns[name];
      if (list.is_null()) list = std::vector<std::nullptr_t>(inputs.size(), nullptr);
      list[i] = value;
    }
  }
  return columns;
}

RewardResult result_at(const nlohmann::json& answer, size_t i) {
  RewardResult result;
  if (const auto& reward = answer.at("rewards").at(i); !reward.is_null()) {
    result.value = reward.get<double>();
  }
  result.reason = answer.at("reasons").at(i).get<std::string>();
  // Lists in the log are one item a completion; `parsed` is what was read from it.
  for (const auto& [name, list] : answer.at("log").items()) {
    if (!list.is_array() || list.size() != answer.at("rewards").size()) continue;
    const std::string text = list[i].is_string() ? list[i].get<std::string>() : json_text(list[i]);
    if (name == "parsed") {
      result.extracted = text;
    } else {
      result.reason += "; " + name + ": " + text;
    }
  }
  return result;
}

}  // namespace

ExternalReward::ExternalReward(const ExternalConfig& config, const RewardServices& services)
    : JudgeReward(config, services), config_(config) {}

nlohmann::json ExternalReward::request(const RewardInput& input) const {
  return batch_request({&input, 1});
}

std::vector<RewardResult> ExternalReward::score_all(std::span<const RewardInput> inputs) const {
  const auto batch_size = static_cast<size_t>(config_.batch_size);
  std::vector<nlohmann::json> requests;
  for (size_t begin = 0; begin < inputs.size(); begin += batch_size) {
    requests.push_back(
        batch_request(inputs.subspan(begin, std::min(batch_size, inputs.size() - begin))));
  }
  std::vector<RewardResult> results;
  for (const auto& answer : judge().ask(requests)) {
    count_failure(answer);
    for (size_t i = 0; i < answer.at("rewards").size(); ++i) {
      results.push_back(result_at(answer, i));
    }
  }
  return results;
}

nlohmann::json ExternalReward::batch_request(std::span<const RewardInput> inputs) const {
  nlohmann::json prompts = nlohmann::json::array(), completions = prompts, ids = prompts;
  for (const auto& input : inputs) {
    prompts.push_back(input.prompt);
    completions.push_back(completion(input));
    ids.push_back(std::vector<int32_t>(input.completion_ids.begin(), input.completion_ids.end()));
  }
  return {{"kind", "external"},
          {"program",
           {{"command", config_.command},
            {"timeout_s", config_.timeout_s},
            {"max_in_flight", config_.max_in_flight},
            {"max_restarts", config_.max_restarts}}},
          {"step", inputs.front().address.step},
          {"prompts", std::move(prompts)},
          {"completions", std::move(completions)},
          {"completion_ids", std::move(ids)},
          {"columns", joined_columns(inputs)}};
}

void ExternalReward::count_failure(const nlohmann::json& answer) const {
  if (!answer.at("failed").get<bool>()) {
    failures_ = 0;
    return;
  }
  const int failures = ++failures_;
  check(
      failures < config_.max_failures, ErrorCode::unsupported,
      "expected valid answers from the grader of reward {}, got {} failures in a row, the last: {}",
      name(), failures,
      answer.at("reasons").empty() ? "" : answer.at("reasons").front().get<std::string>());
}

}  // namespace reckon::rewards
