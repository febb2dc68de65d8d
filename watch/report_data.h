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

/// Tables over the runs of each recipe: means where there are several, and differences.
nlohmann::json recipes_data(const std::vector<RunFolder>& runs);

/// The last step of each of at most `max_points` equal pieces.
std::vector<int64_t> thin_steps(const std::vector<int64_t>& steps, size_t max_points);

/// The mean over each of the same pieces; the largest value where `key` ends in `max`, the smallest
/// where it ends in `min`. Values that are not finite are left out; a piece of none gives NaN.
std::vector<double> thin_column(const std::string& key, const std::vector<double>& column,
                                size_t max_points);

}  // namespace reckon::watch
