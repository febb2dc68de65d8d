#include "rewards/length.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace reckon::rewards {

double half_cosine(double progress, double first, double last) {
  const double wave = std::cos(std::clamp(progress, 0.0, 1.0) * std::numbers::pi);  // 1 to -1
  return last + 0.5 * (first - last) * (1.0 + wave);
}

LengthBasedReward::LengthBasedReward(const LengthConfig& config, std::unique_ptr<Reward> accuracy)
    : Reward(config), accuracy_(std::move(accuracy)), max_len_(config.max_len) {}

RewardResult LengthBasedReward::with_length(RewardResult result, const RewardInput& input) const {
  const int64_t limit = max_len_ > 0 ? max_len_ : input.max_tokens;
  if (!result.value) return result;
  if (limit <= 0) {
    result.value.reset();
    result.reason = "no limit of length is given";
    return result;
  }
  const bool correct = *result.value >= 1.0;
  const double progress = static_cast<double>(input.num_tokens) / static_cast<double>(limit);
  result.value = value(std::clamp(progress, 0.0, 1.0), correct);
  result.reason = fmt::format("{} of {} tokens, {}: {}", input.num_tokens, limit,
                              correct ? "right" : "wrong", result.reason);
  return result;
}

RewardResult LengthBasedReward::score(const RewardInput& input) const {
  return std::move(score_all({&input, 1}).front());
}

std::vector<RewardResult> LengthBasedReward::score_all(std::span<const RewardInput> inputs) const {
  std::vector<RewardResult> results = accuracy_->score_applicable(inputs);
  for (size_t i = 0; i < results.size(); ++i) {
    results[i] = with_length(std::move(results[i]), inputs[i]);
  }
  return results;
}

std::vector<RewardResult> LengthBasedReward::check_golds(
    std::span<const nlohmann::json* const> columns) const {
  return accuracy_->check_golds(columns);
}

CosineReward::CosineReward(const CosineConfig& config, std::unique_ptr<Reward> accuracy)
    : LengthBasedReward(config, std::move(accuracy)),
      short_wrong_(config.min_value_wrong),
      long_wrong_(config.max_value_wrong),
      short_correct_(config.max_value_correct),
      long_correct_(config.min_value_correct) {}

double CosineReward::value(double progress, bool correct) const {
  return correct ? half_cosine(progress, short_correct_, long_correct_)
                 : half_cosine(progress, short_wrong_, long_wrong_);
}

LengthReward::LengthReward(const LengthConfig& config, std::unique_ptr<Reward> accuracy)
    : LengthBasedReward(config, std::move(accuracy)) {}

double LengthReward::value(double progress, bool correct) const {
  const double value = 0.5 - progress;
  return correct ? value : std::min(0.0, value);
}

}  // namespace reckon::rewards
