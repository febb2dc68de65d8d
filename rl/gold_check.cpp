#include "rl/gold_check.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/log.h"

namespace reckon::rl {

std::vector<RejectedGold> reject_golds(tasks::ProblemSource& task, const Scorer& scorer) {
  const auto rows = task.rows();
  std::vector<RejectedGold> rejected;
  if (rows.empty()) return rejected;
  std::vector<const nlohmann::json*> columns;
  for (const auto& row : rows) columns.push_back(row.columns);
  std::vector<bool> unusable(rows.size(), false);
  constexpr size_t kManyRows = 200;
  for (const auto& reward : scorer.rewards()) {
    if (rows.size() > kManyRows && reward->waits()) {
      log_info("checking that the reward {} can read the gold of {} rows", reward->name(),
               rows.size());
    }
    const auto results = reward->check_golds(columns);
    check(results.empty() || results.size() == rows.size(), ErrorCode::internal,
          "expected {} checked golds, got {}, from the reward {}", rows.size(), results.size(),
          reward->name());
    for (size_t i = 0; i < results.size(); ++i) {
      if (results[i].value == 1.0) continue;
      unusable[i] = true;
      rejected.push_back({rows[i].line, reward->name(), results[i].gold, results[i].reason});
    }
  }
  std::ranges::stable_sort(rejected, {}, &RejectedGold::line);
  task.leave_out(unusable);
  return rejected;
}

}  // namespace reckon::rl
