#pragma once

#include <memory>

#include "policy/pretrained.h"
#include "rl/checkpoint.h"
#include "rl/pretrain_config.h"
#include "rl/sampling_round.h"
#include "rl/supervised_step.h"
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
  void restore();
  void save();
  void take_step();
  double learning_rate() const;
  tasks::DocumentIds document(uint64_t number) const;
  void log_window();
  bool passes_gate();
  double forced_accuracy(rollout::RolloutEngine& engine, const rollout::SamplingParams& base) const;

  const PretrainConfig config_;
  PretrainInputs inputs_;
  const StageContext& context_;
  policy::Transformer& model_;
  Optimizer optimizer_;
  int64_t step_ = 0;
  int64_t planned_steps_;
  uint64_t cursor_ = 0;  // number of the next document
  int64_t tokens_ = 0;   // seen so far
  SupervisedWindow window_;
};

}  // namespace reckon::rl
