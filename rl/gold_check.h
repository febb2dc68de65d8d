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

/// Has every reward grade the golds of a data set against themselves, and takes the rows out of
/// `task` whose gold some reward cannot use: they would give no signal, or a wrong one. Returns
/// them in the order of the lines; none for generated tasks. Throws `invalid_argument` if the task
/// does not allow for so many.
std::vector<RejectedGold> reject_golds(tasks::ProblemSource& task, const Scorer& scorer);

}  // namespace reckon::rl
