#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace reckon::rl {

/// What centred rewards are divided by.
enum class ScaleRewards { none, group, batch };

/// Group-relative advantages of one rollout (GRPO, 2402.03300; without division Dr. GRPO,
/// 2503.20783).
struct Advantages {
  std::vector<double> values;      ///< one a completion; 0 for unscorable ones
  std::vector<bool> zero_std;      ///< one a group: all rewards equal, or fewer than two scores
  std::vector<double> group_mean;  ///< one a group, over scorable completions
};

/// A_i = R_i - mean of the group, divided by the deviation (with Bessel's correction) + 1e-4 of the
/// group or of all rewards of the rollout. Completions of one prompt follow one another,
/// `group_size` each; a completion without reward is left out of mean and deviation.
Advantages group_advantages(std::span<const std::optional<double>> rewards, int64_t group_size,
                            ScaleRewards scale);

/// "none", "group" or "batch".
ScaleRewards parse_scale_rewards(const std::string& text);

/// Mean over groups of the covariance of `x` and the reward within a group (division by its
/// scorable completions); groups without two scores count as 0. With x the length it predicts the
/// slope of the length curve.
double group_covariance(std::span<const double> x, std::span<const std::optional<double>> rewards,
                        int64_t group_size);

}  // namespace reckon::rl
