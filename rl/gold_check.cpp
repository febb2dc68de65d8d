#include "rl/gold_check.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/log.h"

namespace reckon::rl {

GoldCheck check_golds(const tasks::ProblemSource& task, const Scorer& scorer) {
  const auto rows = task.rows();
  GoldCheck checked;
  checked.unusable.assign(rows.size(), false);
  constexpr size_t kManyRows = 200;
  for (const auto& reward : scorer.rewards()) {
    // Rows of other tasks are none of its business.
    std::vector<const nlohmann::json*> columns;
    std::vector<size_t> places;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (!reward->applies_to(rows[i].task)) continue;
      columns.push_back(rows[i].columns);
      places.push_back(i);
    }
    if (columns.empty()) continue;
    if (columns.size() > kManyRows && reward->waits()) {
      log_info("checking that the reward {} can read the gold of {} rows", reward->name(),
               columns.size());
    }
    const auto results = reward->check_golds(columns);
    check(results.empty() || results.size() == columns.size(), ErrorCode::internal,
          "expected {} checked golds, got {}, from the reward {}", columns.size(), results.size(),
          reward->name());
    for (size_t i = 0; i < results.size(); ++i) {
      if (results[i].value == 1.0) continue;
      checked.unusable[places[i]] = true;
      checked.rejected.push_back(
          {rows[places[i]].line, reward->name(), results[i].gold, results[i].reason});
    }
  }
  std::ranges::stable_sort(checked.rejected, {}, &RejectedGold::line);
  return checked;
}

std::vector<RejectedGold> reject_golds(tasks::ProblemSource& task, const Scorer& scorer) {
  GoldCheck checked = check_golds(task, scorer);
  if (!checked.unusable.empty()) task.leave_out(checked.unusable);
  return std::move(checked.rejected);
}

}  // namespace reckon::rl
