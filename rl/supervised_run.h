#pragma once

#include <functional>

#include "rl/checkpoint.h"
#include "rl/supervised_step.h"

namespace reckon::rl {

/// Where a stage of next-token training stands.
struct SupervisedProgress {
  int64_t planned_steps = 0;  ///< optimizer steps in all
  int64_t step = 0;           ///< taken
  uint64_t cursor = 0;        ///< number of the next document
  int64_t tokens = 0;         ///< seen in what was logged
  SupervisedWindow window;    ///< what was not logged yet
};

/// How often a stage logs and saves.
struct SupervisedPace {
  int64_t logging_steps = 1;
  int64_t save_steps = 1;
  std::optional<int64_t> save_total_limit;
};

/// What differs between stages of next-token training.
struct SupervisedHooks {
  /// Takes the next step: counts it, its documents and what it cost.
  std::function<void()> take_step;
  /// The keys of a metrics line that only this stage has: kind, learning rate.
  std::function<nlohmann::json()> metrics;
  /// Asked when all planned steps are taken; may plan more and give false. Empty: it is enough.
  std::function<bool()> is_enough = {};
};

/// Runs a stage of next-token training from its newest checkpoint to its end, or until a shutdown
/// is requested; a checkpoint is left then. Steps, metrics, checkpoints and the result are written
/// here. References must outlive the call.
StageEnd run_supervised(const StageContext& context, const policy::Pretrained& policy,
                        Optimizer& optimizer, const SupervisedPace& pace,
                        SupervisedProgress& progress, const SupervisedHooks& hooks);

}  // namespace reckon::rl
