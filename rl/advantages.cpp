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

}  // namespace

Advantages group_advantages(std::span<const std::optional<double>> rewards, int64_t group_size,
                            ScaleRewards scale) {
  const auto size = static_cast<size_t>(group_size);
  check(group_size > 0 && rewards.size() % size == 0, ErrorCode::internal,
        "expected whole groups of {}, got {} rewards", group_size, rewards.size());
  Advantages out;
  out.values.resize(rewards.size());
  const double batch_deviation = moments(rewards).deviation;
  for (size_t begin = 0; begin < rewards.size(); begin += size) {
    const Moments group = moments(rewards.subspan(begin, size));
    double divisor = 1.0;
    if (scale == ScaleRewards::group) divisor = group.deviation + kDeviationEpsilon;
    if (scale == ScaleRewards::batch) divisor = batch_deviation + kDeviationEpsilon;
    out.group_mean.push_back(group.mean);
    out.zero_std.push_back(group.all_equal || group.count < 2);
    for (size_t i = begin; i < begin + size; ++i) {
      if (rewards[i] && group.count >= 2) out.values[i] = (*rewards[i] - group.mean) / divisor;
    }
  }
  return out;
}

ScaleRewards parse_scale_rewards(const std::string& text) {
  if (text == "none") return ScaleRewards::none;
  if (text == "group") return ScaleRewards::group;
  check(text == "batch", ErrorCode::invalid_argument, "expected none, group or batch, got {}",
        text);
  return ScaleRewards::batch;
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
