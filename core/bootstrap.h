#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace reckon {

/// Mean of `values`; 0 if there are none.
double mean(const std::vector<double>& values);

/// Value at rank q·(n-1) of `sorted` values, by linear interpolation; 0 if there are none.
double quantile(const std::vector<double>& sorted, double q);

/// Low and high end of the 95 % percentile bootstrap interval of the mean, from 1,000 resamplings
/// drawn with `seed`.
std::array<double, 2> bootstrap_interval(const std::vector<double>& values, uint64_t seed);

/// The same of the mean over groups of each group's mean, as of seeds with their prompts. It
/// resamples two levels: which groups, then which values of each. Groups must not be empty.
std::array<double, 2> two_level_interval(const std::vector<std::vector<double>>& groups,
                                         uint64_t seed);

}  // namespace reckon
