#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "watch/grid.h"
#include "watch/run_folder.h"

namespace reckon::watch {

/// A number of one class of problems, shown beside the number of all.
struct TablePart {
  std::string name;
  std::string key;  ///< in evals.jsonl
};

/// One number of every policy.
struct TableColumn {
  std::string stage;  ///< the stage that measured it
  std::string title;
  std::string key;  ///< in evals.jsonl; empty if only the parts are shown
  int digits = 2;   ///< after the point
  std::vector<TablePart> parts;
};

/// What one policy has in one column, with a 95 % interval where there is one.
struct TableCell {
  std::optional<double> value;
  std::optional<double> low;
  std::optional<double> high;
  std::vector<std::optional<double>> parts;  ///< one a part of the column
};

/// All numbers of one policy, or of the difference of two.
struct TableRow {
  std::string policy;
  std::string minus;             ///< the policy that is subtracted; empty if none is
  std::vector<TableCell> cells;  ///< one a column
};

/// The table of a chain: one row a policy, like the stage table of the R1 paper.
struct StageTable {
  std::string title;
  std::string note;
  bool is_difference = false;  ///< numbers are written with their sign and both ends
  std::vector<TableColumn> columns;
  std::vector<TableRow> rows;
};

/// What the run's eval stages measured: the one with most policies gives the rows, in its order;
/// others add their accuracy and rewards. Without an eval stage, each stage's last evaluation.
/// Empty where nothing was evaluated.
StageTable stage_table(const RunFolder& run);

/// Means over several runs of one recipe, with two-level bootstrap intervals (runs, then prompts)
/// where the runs list their prompts. Deterministic. `runs` must not be empty.
StageTable mean_table(const std::vector<const RunFolder*>& runs);

/// Differences between each policy and the one before it, and the first, over the prompts that both
/// answered; over several runs as in `mean_table`. Only numbers that the runs list by prompt.
StageTable difference_table(const std::vector<const RunFolder*>& runs);

/// The table as texts: "0.88 ±0.02 (0.89 / 0.87)".
Grid stage_grid(const StageTable& table);

/// `{"title", "rows": [{"policy", "minus", "numbers": [{"stage", "key", "value", "low", "high",
/// "parts"}]}]}`
nlohmann::json stage_json(const StageTable& table);

/// Runs of one recipe, whose settings differ in the seed at most, stand together, in the order of their first one.
std::vector<std::vector<const RunFolder*>> by_recipe(const std::vector<RunFolder>& runs);

}  // namespace reckon::watch
