#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "watch/run_folder.h"

namespace reckon::watch {

/// Limits that keep a page small.
struct ReportLimits {
  size_t max_points = 2000;  ///< per curve; longer ones are averaged in equal pieces
  size_t max_pairs = 6;      ///< answers side by side, per run
};

/// One run as the object that the page's scripts read: who it is, its headline, stages, metric
/// columns, evaluations and chosen answers. Numbers have 6 significant digits; NaN is null.
nlohmann::json report_data(const RunFolder& run, const ReportLimits& limits = {});

/// An array of integers with every `stride`-th step's last member, and a column averaged over the
/// same pieces (the largest for keys that end in `max`, the smallest for `min`).
std::vector<int64_t> thin_steps(const std::vector<int64_t>& steps, size_t max_points);
std::vector<double> thin_column(const std::string& key, const std::vector<double>& column,
                                size_t max_points);

}  // namespace reckon::watch
