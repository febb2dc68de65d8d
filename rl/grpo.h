#pragma once

#include <memory>

#include "policy/pretrained.h"
#include "rl/checkpoint.h"
#include "rl/entropy_control.h"
#include "rl/grpo_metrics.h"
#include "rl/next_problems.h"

namespace reckon::rl {

/// What a `grpo` stage works with besides its configuration.
struct GrpoInputs {
  policy::Pretrained policy;
  std::unique_ptr<tasks::ProblemSource> task;
  std::unique_ptr<Scorer> scorer;
};

/// The GRPO stage (docs/algorithms.md): rollout, rewards, group-relative advantages, clipped
/// updates. Resumes from the newest checkpoint of its folder by itself. One instance runs once.
class GrpoStage {
 public:
  /// `config` must be resolved (`resolve_loss_preset`).
  GrpoStage(const GrpoConfig& config, GrpoInputs inputs, const StageContext& context);
  ~GrpoStage();

  /// Runs to the end, or until a shutdown is requested; a checkpoint is left then. Throws
  /// `internal` if the gap of sampler and trainer passes `mismatch_stop` or the gradient is not
  /// finite.
  StageEnd run();

 private:
  void restore();
  void restore_rollout(const std::filesystem::path& checkpoint);
  void collect_rollout();
  void count_rollout(std::span<const ScoredGroup> groups);
  /// Whether the last step was taken: `max_steps`, or the budget is used up.
  bool is_complete() const;
  void sample_into_buffer(int64_t groups);
  void set_advantages();
  void take_step();
  void log_step(std::span<const ScoredGroup> minibatch, const UpdateResult& update,
                double entropy_coef, double seconds, double update_seconds);
  void maybe_refresh_reference();
  void evaluate_policy();
  void save(bool mid_stage);

  std::span<const ScoredGroup> minibatch() const;
  int64_t updates_per_rollout() const {
    return config_.num_iterations * config_.steps_per_generation;
  }
  /// Position of the next step within its rollout.
  int64_t step_in_rollout() const { return step_ % updates_per_rollout(); }

  const GrpoConfig config_;
  GrpoInputs inputs_;
  const StageContext& context_;
  policy::Transformer& model_;
  std::unique_ptr<policy::Transformer> reference_;
  Optimizer optimizer_;
  EntropyControl entropy_;
  std::unique_ptr<rollout::RolloutEngine> engine_;
  RolloutBuffer rollout_;
  int64_t step_ = 0;      // optimizer steps taken
  ProblemCursor cursor_;
  int64_t tokens_ = 0;    // sampled so far
  std::string progress_;  // text of the progress line
};

}  // namespace reckon::rl
