#pragma once

#include "rl/grpo_loss.h"
#include "rl/packing.h"

namespace reckon::rl {

/// How far the trainer's log-probabilities are from the sampler's, over the tokens of one update.
/// w = exp(lp - lp_sampler) of a token, W = exp(Σ log w) of a completion.
struct SamplingGap {
  double difference_mean = 0.0;  ///< of |log w|
  double difference_max = 0.0;
  double ratio_min = 1.0;  ///< of w, or of W where the correction is one a completion
  double ratio_mean = 1.0;
  double ratio_max = 1.0;
  double mismatch_k3 = 0.0;   ///< mean of w - 1 - log w
  double outside_frac = 0.0;  ///< share of w outside [0.9, 1.1]
  double ess_token = 1.0;     ///< effective sample size (Σ w)² / (n Σ w²), in (0, 1]
  double ess_sequence = 1.0;  ///< the same of W
};

/// What one optimizer step reports.
struct UpdateResult {
  double loss = 0.0;
  double policy_loss = 0.0;
  double kl = 0.0;
  double entropy = 0.0;
  double clip_low_mean = 0.0, clip_low_min = 0.0;
  double clip_high_mean = 0.0, clip_high_max = 0.0;
  double clip_region_mean = 0.0;
  double grad_norm = 0.0;
  int64_t trained_tokens = 0;  ///< prompt and completion tokens that were run
  SamplingGap gap;
};

/// Sums over the micro-batches of a step.
class UpdateTotals {
 public:
  /// `sequence_ratios`: the gap reports ratios of completions, not of tokens.
  explicit UpdateTotals(bool sequence_ratios) : sequence_ratios_(sequence_ratios) {}

  /// Adds a micro-batch; `logprobs` and `entropies` [N] are the policy's.
  void add(const GrpoLoss& loss, const MicroBatch& batch, const at::Tensor& logprobs,
           const at::Tensor& entropies);

  /// Shares and means of all that was added; without tokens only the losses.
  UpdateResult result() const;

 private:
  struct Ratios {
    double sum = 0.0, squares = 0.0, count = 0.0, min = 1.0, max = 1.0;
    void add(double ratio);
    double mean() const { return sum / count; }
    double effective_share() const { return sum * sum / (count * squares); }
  };

  void add_clip_shares(const GrpoLoss& loss, const std::vector<int64_t>& token_counts);
  void add_gap(const at::Tensor& log_ratio, const std::vector<int64_t>& token_counts);

  bool sequence_ratios_;
  double loss_ = 0.0, policy_loss_ = 0.0, kl_ = 0.0, entropy_ = 0.0;
  double low_ = 0.0, high_ = 0.0, low_min_ = 1.0, high_max_ = 0.0;
  double difference_ = 0.0, difference_max_ = 0.0, k3_ = 0.0, outside_ = 0.0;
  Ratios token_ratios_, sequence_ratio_totals_;
  int64_t tokens_ = 0, run_ = 0;
};

}  // namespace reckon::rl
