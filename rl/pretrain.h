#pragma once

#include <memory>

#include "policy/pretrained.h"
#include "rl/checkpoint.h"
#include "rl/pretrain_config.h"
#include "rl/sampling_round.h"
#include "rl/supervised_run.h"
#include "tasks/corpus.h"

namespace reckon::rl {

/// What a `pretrain` stage works with besides its configuration. Task and scorer are for the gate,
/// null without one.
struct PretrainInputs {
  policy::Pretrained policy;
  std::unique_ptr<tasks::Corpus> corpus;
  std::unique_ptr<tasks::ProblemSource> task;
  std::unique_ptr<Scorer> scorer;
};

/// Next-token training on documents packed without padding; the loss is the mean cross-entropy of
/// completion tokens. Resumes from the newest checkpoint of its folder. One instance runs once.
class PretrainStage {
 public:
  PretrainStage(const PretrainConfig& config, PretrainInputs inputs, const StageContext& context);

  /// Runs to the end, or until a shutdown is requested; a checkpoint is left then.
  StageEnd run();

 private:
  void take_step();
  // Of optimizer step `step` (1-based).
  double learning_rate(int64_t step) const;
  tasks::DocumentIds document(uint64_t number) const;
  bool passes_gate();
  double forced_accuracy(rollout::RolloutEngine& engine, const rollout::SamplingParams& base) const;

  const PretrainConfig config_;
  PretrainInputs inputs_;
  const StageContext& context_;
  policy::Transformer& model_;
  Optimizer optimizer_;
  SupervisedProgress at_;
};

}  // namespace reckon::rl
