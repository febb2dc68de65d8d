#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "rl/grpo_update.h"

namespace reckon::rl {

/// The groups of one rollout while updates still need them.
struct RolloutBuffer {
  std::vector<ScoredGroup> groups;
  int64_t first_step = 0;  ///< optimizer step that the rollout began with: addresses its draws
  SamplingGap gap;         ///< taken at the first update
  int64_t dynamic_rounds = 0;
  double dynamic_kept = 1.0;
  int64_t sampled_tokens = 0;
  double rollout_seconds = 0.0;
};

/// Lines that hold a rollout for a checkpoint; `read_rollout` gives back the same bits.
std::vector<nlohmann::json> write_rollout(const RolloutBuffer& rollout);

/// Reads `write_rollout`'s lines. Problems and texts are made again from the task and tokenizer;
/// advantages have to be computed again.
RolloutBuffer read_rollout(const std::vector<nlohmann::json>& lines,
                           const tasks::ProblemSource& task, const policy::Tokenizer& tokenizer);

}  // namespace reckon::rl
