#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "watch/run_folder.h"

namespace reckon::watch {

/// What a line of metrics.jsonl did to the columns.
enum class MetricsChange {
  none,      ///< a line without a step
  added,     ///< a row
  replaced,  ///< a row, and rows of the same or later steps went: the run went on from a checkpoint
  broken,    ///< not a JSON object
};

/// Adds one line of metrics.jsonl. Columns may be left shorter than the steps: `place_stages` makes
/// them equal.
MetricsChange add_metrics(std::vector<StageMetrics>& stages, const nlohmann::json& line);

/// Adds lines as text, the same way but many times faster: a flat line of numbers is read without
/// building a value, and columns are found by their place in the line before. Not thread-safe.
class MetricsReader {
 public:
  /// All calls must be given the same `stages`, changed only by them and by `place_stages`; call
  /// `reset` in between otherwise.
  MetricsChange add(std::vector<StageMetrics>& stages, std::string_view line);

  /// Forgets what it knows of `stages`.
  void reset() { places_.clear(); }

 private:
  struct Place {
    std::string key;
    std::vector<double>* column = nullptr;  // the map that holds it does not move it
  };
  struct FlatLine {
    std::string_view stage;
    std::string_view kind;
    std::vector<std::pair<std::string_view, double>> numbers;
  };

  static bool read_flat(std::string_view text, FlatLine& line);
  MetricsChange add_flat(std::vector<StageMetrics>& stages);

  FlatLine line_;
  std::string stage_;  // whose columns places_ are
  std::vector<Place> places_;
};

}  // namespace reckon::watch
