#pragma once

#include "policy/pretrained.h"
#include "rl/checkpoint.h"
#include "rl/sft_config.h"
#include "rl/sft_order.h"
#include "rl/supervised_run.h"

namespace reckon::rl {

/// What an `sft` stage works with besides its configuration: the policy, and the documents that
/// `load_sft_data` made for it.
struct SftInputs {
  policy::Pretrained policy;
  SftOrder data;
};

/// Supervised finetuning: next-token training on answers to prompts, in epochs that each have an
/// order of their own; the loss is the mean cross-entropy of completion tokens. All steps are
/// counted before the first, so that schedules know their end. Resumes from the newest checkpoint
/// of its folder. One instance runs once.
class SftStage {
 public:
  SftStage(const SftConfig& config, SftInputs inputs, const StageContext& context);

  /// Runs to the end, or until a shutdown is requested; a checkpoint is left then.
  StageEnd run();

  /// Optimizer steps in all.
  int64_t planned_steps() const { return at_.planned_steps; }

 private:
  void take_step();

  const SftConfig config_;
  SftInputs inputs_;
  const StageContext& context_;
  policy::Transformer& model_;
  Optimizer optimizer_;
  uint64_t end_;  // position behind the last document
  SupervisedProgress at_;
};

}  // namespace reckon::rl
