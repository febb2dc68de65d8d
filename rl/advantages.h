#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace reckon::rl {

/// What centred rewards are divided by.
enum class ScaleRewards { none, group, batch };

/// "none", "group" or "batch".
ScaleRewards parse_scale_rewards(const std::string& text);

/// How rewards of whole groups become advantages (docs/algorithms.md, "From rewards to
/// advantages"). m is the group's mean, n its number of scores.
enum class AdvantageEstimator {
  group_mean,             ///< R - m, scaled: GRPO, 2402.03300; unscaled Dr. GRPO, 2503.20783
  rloo,                   ///< n/(n-1) (R - m): the mean of the others as baseline, 2402.14740
  reinforce_pp,           ///< of tokens, see rl/token_returns.h
  reinforce_pp_baseline,  ///< (R - m) / (deviation of all R - m): REINFORCE++, 2501.03262
  maxrl,                  ///< (R - m) / m: maximum likelihood, 2602.02710
};

/// Reads the key `advantage_estimator`.
AdvantageEstimator parse_advantage_estimator(const std::string& text);

/// A reward, or none where no function applied.
using Rewards = std::vector<std::optional<double>>;

/// Advantages of one rollout.
struct Advantages {
  std::vector<double> values;      ///< one a completion; 0 for unscorable ones
  std::vector<bool> zero_std;      ///< one a group: all rewards equal, or fewer than two scores
  std::vector<double> group_mean;  ///< one a group, over scorable completions
};

/// Advantages out of one reward a completion. Completions of one prompt follow one another,
/// `group_size` each; a completion without reward is left out of mean and deviation. Deviations
/// have Bessel's correction and 1e-4 added. `scale` acts on `group_mean` only; for `reinforce_pp`
/// the values are 0 and the marks count. Throws `invalid_argument` for negative rewards with maxrl.
Advantages estimate_advantages(AdvantageEstimator estimator,
                               std::span<const std::optional<double>> rewards, int64_t group_size,
                               ScaleRewards scale);

/// `estimate_advantages` with `group_mean`.
Advantages group_advantages(std::span<const std::optional<double>> rewards, int64_t group_size,
                            ScaleRewards scale);

/// `multi_objective_aggregation: normalize_then_sum` (GDPO, 2601.05242): each reward function is
/// normalised in its group, the weighted sum Z over the batch. `by_function` has one list of
/// rewards a function.
Advantages normalize_then_sum(std::span<const Rewards> by_function, std::span<const double> weights,
                              int64_t group_size);

/// Mean over groups of the covariance of `x` and the reward within a group (division by its
/// scorable completions); groups without two scores count as 0. With x the length it predicts the
/// slope of the length curve.
double group_covariance(std::span<const double> x, std::span<const std::optional<double>> rewards,
                        int64_t group_size);

}  // namespace reckon::rl
