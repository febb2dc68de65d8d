#pragma once

#include "policy/pretrained.h"
#include "rl/checkpoint.h"
#include "rl/distill_config.h"
#include "rl/next_problems.h"
#include "rl/sampling_round.h"

namespace reckon::rl {

/// What a `distill` stage with method `on_policy` works with besides its configuration.
struct DistillInputs {
  policy::Pretrained policy;  ///< the student
  policy::Pretrained teacher;
  std::unique_ptr<tasks::ProblemSource> task;
  std::unique_ptr<Scorer> scorer;  ///< for the log only; null without rewards
};

/// On-policy distillation: in every step the student answers new prompts, and its distribution of
/// every next token is drawn to the teacher's (docs/algorithms.md). The loss is the mean divergence
/// of the sampled tokens over the whole vocabulary; nothing flows through the sampling. Resumes
/// from the newest checkpoint of its folder. One instance runs once.
class DistillStage {
 public:
  /// `config` must have method `on_policy`. Throws like `check_distill` and `check_same_tokenizer`.
  DistillStage(const DistillConfig& config, DistillInputs inputs, const StageContext& context);
  ~DistillStage();

  /// Runs to the end, or until a shutdown is requested; a checkpoint is left then.
  StageEnd run();

 private:
  // Means over the completion tokens of a step.
  struct Update {
    double loss = 0.0, reverse_kl = 0.0, grad_norm = 0.0;
    int64_t trained_tokens = 0;
  };

  void restore();
  void save();
  void take_step();
  std::vector<ScoredGroup> sample();
  Update update(const std::vector<ScoredGroup>& groups);
  void log_step(const std::vector<ScoredGroup>& groups, const Update& update, double rollout_time,
                double update_time);
  void evaluate_student();
  rollout::SamplingParams sampling_params() const;

  const DistillConfig config_;
  DistillInputs inputs_;
  const StageContext& context_;
  const Scorer no_rewards_;
  policy::Transformer& model_;
  Optimizer optimizer_;
  std::unique_ptr<rollout::RolloutEngine> engine_;
  int64_t step_ = 0;  // optimizer steps taken
  ProblemCursor cursor_;
  int64_t tokens_ = 0;    // sampled so far
  std::string progress_;  // text of the progress line
};

/// Throws Error(invalid_argument) unless both tokenizers have the same tokens at the same ids, with
/// the first difference; `place` names the teacher in the recipe. Which token ends a text may
/// differ: the student's counts.
void check_same_tokenizer(const policy::Tokenizer& student, const policy::Tokenizer& teacher,
                          const std::string& place);

}  // namespace reckon::rl
