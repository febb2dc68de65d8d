#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "watch/grid.h"
#include "watch/run_folder.h"

namespace reckon::watch {

/// What one stage cost, from its cost.json. What the file does not say is 0.
struct StageCost {
  std::string stage;
  std::string kind;
  std::string device;
  double prompt_tokens = 0.0;   ///< read while sampling
  double sampled_tokens = 0.0;  ///< written by policies
  double trained_tokens = 0.0;
  double scored_tokens = 0.0;  ///< forward passes without training
  double flops = 0.0;
  double seconds = 0.0;
  double devices = 1.0;

  double device_hours() const { return seconds * devices / 3600.0; }
};

/// The cost of a run's stages, in the recipe's order; stages without a record are left out.
struct CostTable {
  std::string run;
  std::vector<StageCost> stages;
  std::vector<std::string> notes;  ///< sentences: which files are broken
};

/// What an hour of one device costs.
struct Price {
  double per_hour = 0.0;
  std::string currency = "USD";
};

/// Reads `stages/NAME/cost.json` of every stage. Missing files are no error, broken ones are noted.
CostTable read_costs(const RunFolder& run);

/// Sum over the stages; devices and names are left out.
StageCost total_cost(const CostTable& costs);

/// One row a stage and a total; money only where a price is given. Empty if nothing is recorded.
Grid cost_grid(const CostTable& costs, const std::optional<Price>& price = std::nullopt);

/// The published cost of DeepSeek-R1, to be read beside one's own.
Grid published_cost_grid();

/// `{"stages": [...], "total": {...}}`.
nlohmann::json cost_json(const CostTable& costs, const std::optional<Price>& price = std::nullopt);

}  // namespace reckon::watch
