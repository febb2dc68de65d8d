#include "rewards/overlong.h"

#include <algorithm>

#include "core/error.h"

namespace reckon::rewards {

double overlong_penalty(int64_t num_tokens, int64_t limit, int64_t buffer, double factor) {
  check(buffer > 0, ErrorCode::invalid_argument, "expected a buffer of at least 1 token, got {}",
        buffer);
  const double excess = static_cast<double>(num_tokens) - static_cast<double>(limit - buffer);
  return -factor * std::clamp(excess / static_cast<double>(buffer), 0.0, 1.0);
}

OverlongReward::OverlongReward(const OverlongConfig& config)
    : Reward(config),
      buffer_(config.overlong_buffer_len),
      factor_(config.overlong_penalty_factor) {}

RewardResult OverlongReward::score(const RewardInput& input) const {
  if (input.max_tokens <= 0) return {std::nullopt, "", "", "no limit of length is given"};
  // Plus 0 turns the -0 of a completion without penalty into 0.
  const double value = overlong_penalty(input.num_tokens, input.max_tokens, buffer_, factor_) + 0.0;
  return {value, "", "", fmt::format("{} of {} tokens", input.num_tokens, input.max_tokens)};
}

}  // namespace reckon::rewards
