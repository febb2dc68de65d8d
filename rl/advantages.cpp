#include "rl/advantages.h"

#include <cmath>

#include "core/error.h"

namespace reckon::rl {
namespace {

constexpr double kDeviationEpsilon = 1e-4;

struct Moments {
  int64_t count = 0;
  double mean = 0.0;
  double deviation = 0.0;  // with Bessel's correction; 0 for fewer than two values
  bool all_equal = true;
};

Moments moments(std::span<const std::optional<double>> values) {
  Moments m;
  std::optional<double> first;
  for (const auto& value : values) {
    if (!value) continue;
    if (!first) first = value;
    m.all_equal = m.all_equal && *value == *first;
    ++m.count;
    m.mean += *value;
  }
  if (m.count == 0) return m;
  m.mean /= static_cast<double>(m.count);
  if (m.all_equal) {
    m.mean = *first;  // exactly, so that equal rewards give advantages of exactly zero
    return m;
  }
  double squares = 0.0;
  for (const auto& value : values) {
    if (value) squares += (*value - m.mean) * (*value - m.mean);
  }
  m.deviation = std::sqrt(squares / static_cast<double>(m.count - 1));
  return m;
}

// What the centred reward of a group is multiplied by.
double group_factor(AdvantageEstimator estimator, ScaleRewards scale, const Moments& group,
                    double batch_deviation) {
  const auto n = static_cast<double>(group.count);
  switch (estimator) {
    case AdvantageEstimator::rloo:
      return n / (n - 1.0);
    case AdvantageEstimator::maxrl:
      return group.mean > 0.0 ? 1.0 / (group.mean + kDeviationEpsilon) : 0.0;
    case AdvantageEstimator::group_mean:
      if (scale == ScaleRewards::group) return 1.0 / (group.deviation + kDeviationEpsilon);
      if (scale == ScaleRewards::batch) return 1.0 / (batch_deviation + kDeviationEpsilon);
      return 1.0;
    case AdvantageEstimator::reinforce_pp:
    case AdvantageEstimator::reinforce_pp_baseline:
      return 1.0;
  }
  fail(ErrorCode::internal, "expected a known advantage estimator");
}

// Divides centred rewards by their deviation over the batch. Their mean is 0 in every group and so
// needs no subtraction.
void divide_by_deviation(Advantages& advantages, std::span<const std::optional<double>> rewards) {
  Rewards centred(rewards.size());
  for (size_t i = 0; i < rewards.size(); ++i) {
    if (rewards[i]) centred[i] = advantages.values[i];
  }
  const double divisor = moments(centred).deviation + kDeviationEpsilon;
  for (double& value : advantages.values) value /= divisor;
}

}  // namespace

ScaleRewards parse_scale_rewards(const std::string& text) {
  if (text == "none") return ScaleRewards::none;
  if (text == "group") return ScaleRewards::group;
  check(text == "batch", ErrorCode::invalid_argument, "expected none, group or batch, got {}",
        text);
  return ScaleRewards::batch;
}

AdvantageEstimator parse_advantage_estimator(const std::string& text) {
  if (text == "group_mean") return AdvantageEstimator::group_mean;
  if (text == "rloo") return AdvantageEstimator::rloo;
  if (text == "reinforce_pp") return AdvantageEstimator::reinforce_pp;
  if (text == "reinforce_pp_baseline") return AdvantageEstimator::reinforce_pp_baseline;
  check(text == "maxrl", ErrorCode::invalid_argument, "expected an advantage estimator, got {}",
        text);
  return AdvantageEstimator::maxrl;
}

Advantages estimate_advantages(AdvantageEstimator estimator,
                               std::span<const std::optional<double>> rewards, int64_t group_size,
                               ScaleRewards scale) {
  const auto size = static_cast<size_t>(group_size);
  check(group_size > 0 && rewards.size() % size == 0, ErrorCode::internal,
        "expected whole groups of {}, got {} rewards", group_size, rewards.size());
  Advantages out;
  out.values.resize(rewards.size());
  const double batch_deviation = moments(rewards).deviation;
  for (size_t begin = 0; begin < rewards.size(); begin += size) {
    const Moments group = moments(rewards.subspan(begin, size));
    out.group_mean.push_back(group.mean);
    out.zero_std.push_back(group.all_equal || group.count < 2);
    if (group.count < 2 || estimator == AdvantageEstimator::reinforce_pp) continue;
    const double factor = group_factor(estimator, scale, group, batch_deviation);
    for (size_t i = begin; i < begin + size; ++i) {
      if (!rewards[i]) continue;
      check(estimator != AdvantageEstimator::maxrl || *rewards[i] >= 0.0,
            ErrorCode::invalid_argument,
            "expected rewards of at least 0 with advantage_estimator maxrl, got {}", *rewards[i]);
      out.values[i] = (*rewards[i] - group.mean) * factor;
    }
  }
  if (estimator == AdvantageEstimator::reinforce_pp_baseline) divide_by_deviation(out, rewards);
  return out;
}

Advantages group_advantages(std::span<const std::optional<double>> rewards, int64_t group_size,
                            ScaleRewards scale) {
  return estimate_advantages(AdvantageEstimator::group_mean, rewards, group_size, scale);
}

Advantages normalize_then_sum(std::span<const Rewards> by_function, std::span<const double> weights,
                              int64_t group_size) {
  check(!by_function.empty() && by_function.size() == weights.size(), ErrorCode::internal,
        "expected a weight for each of {} rewards, got {}", by_function.size(), weights.size());
  Rewards sums(by_function[0].size());
  std::vector<bool> silent;
  for (size_t f = 0; f < by_function.size(); ++f) {
    const auto own = group_advantages(by_function[f], group_size, ScaleRewards::group);
    silent.resize(own.zero_std.size(), true);
    for (size_t g = 0; g < silent.size(); ++g) silent[g] = silent[g] && own.zero_std[g];
    for (size_t i = 0; i < sums.size(); ++i) {
      if (by_function[f][i]) sums[i] = sums[i].value_or(0.0) + weights[f] * own.values[i];
    }
  }
  const Moments batch = moments(sums);
  Advantages out = group_advantages(sums, group_size, ScaleRewards::none);
  out.zero_std = silent;
  for (size_t i = 0; i < sums.size(); ++i) {
    const bool counts = sums[i] && !silent[i / static_cast<size_t>(group_size)];
    out.values[i] = counts ? (*sums[i] - batch.mean) / (batch.deviation + kDeviationEpsilon) : 0.0;
  }
  return out;
}

double group_covariance(std::span<const double> x, std::span<const std::optional<double>> rewards,
                        int64_t group_size) {
  const auto size = static_cast<size_t>(group_size);
  double sum = 0.0;
  for (size_t begin = 0; begin < rewards.size(); begin += size) {
    double mean_x = 0.0, mean_r = 0.0, product = 0.0, count = 0.0;
    for (size_t i = begin; i < begin + size; ++i) {
      if (!rewards[i]) continue;
      count += 1.0;
      mean_x += x[i];
      mean_r += *rewards[i];
    }
    if (count < 2.0) continue;
    mean_x /= count;
    mean_r /= count;
    for (size_t i = begin; i < begin + size; ++i) {
      if (rewards[i]) product += (x[i] - mean_x) * (*rewards[i] - mean_r);
    }
    sum += product / count;
  }
  return sum * static_cast<double>(size) / static_cast<double>(rewards.size());
}

}  // namespace reckon::rl
