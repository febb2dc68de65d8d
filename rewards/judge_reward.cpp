#include "rewards/judge_reward.h"

#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "core/json.h"
#include "rewards/format.h"
#include "rewards/verdict_json.h"

namespace reckon::rewards {

namespace {

const nlohmann::json* find_column(const nlohmann::json& columns, const std::string& column) {
  if (!columns.is_object()) return nullptr;
  for (const char* name : {"gold", "answer", "solution"}) {
    const auto found = columns.find(column.empty() ? name : column.c_str());
    if (found != columns.end()) return &*found;
  }
  return nullptr;
}

/// What follows the last `####` of `text` on its line; all of it if there is none.
std::string after_hashes(const std::string& text) {
  const size_t mark = text.rfind("####");
  if (mark == std::string::npos) return text;
  const size_t begin = text.find_first_not_of(" \t", mark + 4);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace

std::optional<std::string> gold_text(const nlohmann::json& columns, const std::string& column) {
  const auto* gold = find_column(columns, column);
  if (gold == nullptr) return std::nullopt;
  if (gold->is_number()) return json_text(*gold);
  if (!gold->is_string()) return std::nullopt;
  return after_hashes(gold->get_ref<const std::string&>());
}

RewardResult to_result(const Verdict& verdict) {
  RewardResult result{verdict.score, verdict.extracted, verdict.gold,
                      std::string(to_string(verdict.reason))};
  if (!verdict.detail.empty()) result.reason += ": " + verdict.detail;
  return result;
}

JudgeReward::JudgeReward(const JudgeConfig& config, const RewardServices& services)
    : Reward(config),
      judge_(services.judge ? services.judge : std::make_shared<JudgeClient>()),
      end_token_(config.end_token) {}

RewardResult JudgeReward::score(const RewardInput& input) const {
  return std::move(score_all({&input, 1}).front());
}

std::vector<RewardResult> JudgeReward::score_all(std::span<const RewardInput> inputs) const {
  // Policies repeat themselves within a group; a verdict depends on row and completion alone.
  std::map<std::tuple<const nlohmann::json*, std::string_view, bool>, size_t> places;
  std::vector<size_t> place_of;
  std::vector<nlohmann::json> requests;
  for (const auto& input : inputs) {
    const auto [found, is_new] = places.try_emplace(
        {&input.columns, input.completion, input.bare_answer}, requests.size());
    if (is_new) requests.push_back(request(input));
    place_of.push_back(found->second);
  }
  const auto answers = ask(std::move(requests));
  std::vector<RewardResult> results;
  for (const size_t place : place_of) results.push_back(answers[place]);
  return results;
}

std::vector<RewardResult> JudgeReward::ask(std::vector<nlohmann::json> requests) const {
  std::vector<RewardResult> results(requests.size());
  std::vector<size_t> places;
  std::vector<nlohmann::json> asked;
  for (size_t i = 0; i < requests.size(); ++i) {
    if (requests[i].is_null()) {
      results[i].reason = std::string(to_string(Reason::gold_unreadable)) +
                          ": expected a number or a text in the column of the gold";
      continue;
    }
    places.push_back(i);
    asked.push_back(std::move(requests[i]));
  }
  const auto answers = judge_->ask(asked);
  for (size_t i = 0; i < answers.size(); ++i) {
    results[places[i]] = to_result(read_verdict(answers[i]));
  }
  return results;
}

std::string_view JudgeReward::completion(const RewardInput& input) const {
  return without_end_token(input.completion, end_token_);
}

}  // namespace reckon::rewards
