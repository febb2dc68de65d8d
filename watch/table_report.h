#pragma once

#include <optional>
#include <string>
#include <vector>

#include "watch/cost_table.h"
#include "watch/run_folder.h"

namespace reckon::watch {

/// What `reckon table` is to write.
struct TableRequest {
  enum class Form { text, markdown, json };
  Form form = Form::text;
  bool only_cost = false;
  std::optional<Price> price = std::nullopt;
};

/// Stage tables of the runs, means over the runs of one recipe, differences, and costs. A run
/// without evaluations or costs has a sentence that says so.
std::string table_report(const std::vector<RunFolder>& runs, const TableRequest& request);

/// What the terminal shows at the end of a chain: stage table and cost. Empty unless one stage
/// evaluated several policies.
std::string stage_summary(const RunFolder& run);

}  // namespace reckon::watch
