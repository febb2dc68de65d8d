#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rl/sampling_round.h"

namespace reckon::rl {

/// A row of a data set whose gold a reward cannot use.
struct RejectedGold {
  uint64_t line = 0;   ///< of the data set, from 1
  std::string reward;  ///< name of the reward
  std::string gold;    ///< as the reward saw it
  std::string reason;
};

/// Which rows of a data set rewards cannot use.
struct GoldCheck {
  std::vector<bool> unusable;          ///< one flag for each row of the task
  std::vector<RejectedGold> rejected;  ///< in the order of the lines
};

/// Has every reward grade the golds of a data set against themselves: rows whose gold some reward
/// cannot use would give no signal, or a wrong one. Empty for generated tasks.
GoldCheck check_golds(const tasks::ProblemSource& task, const Scorer& scorer);

/// The same, and takes the rows out of `task`. Throws `invalid_argument` if the task does not allow
/// for so many.
std::vector<RejectedGold> reject_golds(tasks::ProblemSource& task, const Scorer& scorer);

}  // namespace reckon::rl
