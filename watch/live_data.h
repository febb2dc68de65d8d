#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "watch/run_catalog.h"
#include "watch/run_index.h"

namespace reckon::watch {

/// One row of the list of runs.
nlohmann::json summary_json(const RunSummary& run, double now);

/// All runs of the folder.
nlohmann::json runs_json(const RunCatalog& catalog);

/// One run without its curves: identity, stages, status, notes, hints, costs, tables.
nlohmann::json run_json(const RunIndex& index, const RunSummary& summary, double now);

/// What a reader wants of the metrics.
struct MetricsQuery {
  std::vector<std::string> keys;  ///< empty: all
  size_t points = 1000;           ///< per curve at most
  std::string after;              ///< a token of an earlier answer; empty: from the beginning
};

/// The curves, thinned, and a token with which the next question gets only what is new.
nlohmann::json metrics_json(const RunIndex& index, const MetricsQuery& query);

/// Everything that was measured of policies.
nlohmann::json evaluations_json(const RunFolder& run);

/// The text `{"steps": [{"stage", "step", "count"}]}`; written by hand, since a long run has
/// 100,000 of them.
std::string completion_steps_text(const RunFolder& run);

/// One answer as the page reads it.
nlohmann::json completion_json(const Completion& completion);

}  // namespace reckon::watch
