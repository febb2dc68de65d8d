#include "core/bootstrap.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/philox.h"

namespace reckon {
namespace {

constexpr uint32_t kRounds = 1000;

// Mean of as many values as there are, each drawn from all of them.
double resampled_mean(const std::vector<double>& values, RandomSequence& draws) {
  double sum = 0.0;
  for (size_t i = 0; i < values.size(); ++i) {
    sum += values[draws.next_below(static_cast<uint32_t>(values.size()))];
  }
  return sum / static_cast<double>(values.size());
}

std::array<double, 2> percentile_interval(std::vector<double> means) {
  std::sort(means.begin(), means.end());
  return {quantile(means, 0.025), quantile(means, 0.975)};
}

}  // namespace

double mean(const std::vector<double>& values) {
  if (values.empty()) return 0.0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double quantile(const std::vector<double>& sorted, double q) {
  if (sorted.empty()) return 0.0;
  const double rank = q * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<size_t>(rank);
  const size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (rank - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

std::array<double, 2> bootstrap_interval(const std::vector<double>& values, uint64_t seed) {
  if (values.empty()) return {0.0, 0.0};
  const RandomStream stream({seed, 0, Purpose::bootstrap, 0});
  std::vector<double> means;
  for (uint32_t round = 0; round < kRounds; ++round) {
    RandomSequence draws(stream, 0, round);
    means.push_back(resampled_mean(values, draws));
  }
  return percentile_interval(std::move(means));
}

std::array<double, 2> two_level_interval(const std::vector<std::vector<double>>& groups,
                                         uint64_t seed) {
  if (groups.empty()) return {0.0, 0.0};
  // Step 2 keeps these draws apart from those of the other intervals.
  const RandomStream stream({seed, 0, Purpose::bootstrap, 2});
  std::vector<double> means;
  for (uint32_t round = 0; round < kRounds; ++round) {
    RandomSequence draws(stream, 0, round);
    double sum = 0.0;
    for (size_t i = 0; i < groups.size(); ++i) {
      sum += resampled_mean(groups[draws.next_below(static_cast<uint32_t>(groups.size()))], draws);
    }
    means.push_back(sum / static_cast<double>(groups.size()));
  }
  return percentile_interval(std::move(means));
}

}  // namespace reckon
