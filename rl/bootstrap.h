#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace reckon::rl {

/// Mean of `values`; 0 if there are none.
double mean(const std::vector<double>& values);

/// Value at rank q·(n-1) of `sorted` values, by linear interpolation; 0 if there are none.
double quantile(const std::vector<double>& sorted, double q);

/// Low and high end of the 95 % percentile bootstrap interval of the mean, from 1,000 resamplings
/// drawn with `seed`.
std::array<double, 2> bootstrap_interval(const std::vector<double>& values, uint64_t seed);

}  // namespace reckon::rl
