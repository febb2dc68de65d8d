#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "policy/kernels/rowwise.h"

namespace reckon::rollout {

/// A token that may not be sampled until one of others has been: used to force a procedure, for
/// example no `</think>` before a `yes`.
struct ForbidUntil {
  int32_t forbidden;
  std::vector<int32_t> until;

  bool releases(int32_t token) const {
    return std::find(until.begin(), until.end(), token) != until.end();
  }
};

/// How tokens are drawn. Filters act in the order temperature, top-k, top-p, min-p.
struct SamplingParams {
  double temperature = 1.0;  ///< 0: the largest logit, lowest id among equals
  int64_t top_k = 0;         ///< 0: off
  double top_p = 1.0;        ///< 1: off
  double min_p = 0.0;        ///< share of the largest probability; 0: off
  int64_t max_new_tokens = 512;
  std::vector<int32_t> stop_token_ids = {};
  std::optional<ForbidUntil> forbid_until = {};

  /// Whether a filter removes tokens from the distribution.
  bool truncates() const { return top_k > 0 || top_p < 1.0 || min_p > 0.0; }
  bool is_stop(int32_t token) const;
};

/// One draw and what is known of it. All log-probabilities are natural and float32.
struct SampledToken {
  int32_t id;
  float logprob;            ///< softmax(logits / temperature): the ratio's denominator
  float logprob_t1;         ///< softmax(logits); equals `logprob` at temperature 0 or 1
  float logprob_truncated;  ///< under what was really drawn from, after all filters
};

/// Draws tokens from rows of logits. Holds scratch: one a thread.
class Sampler {
 public:
  explicit Sampler(const SamplingParams& params) : params_(params) {}

  /// Draws by the inverse of the cumulative distribution in ascending id order with `uniform` in
  /// [0, 1). `forbidden` is left out if it is not negative. Throws `invalid_argument` if that is no
  /// token and `internal` if a logit is NaN or none is finite.
  SampledToken sample(std::span<const float> logits, double uniform, int32_t forbidden = -1);

 private:
  // Fills weights_.
  policy::kernels::RowSoftmax<float> weigh(std::span<const float> logits, float scale);
  int32_t draw(double uniform);
  void apply_filters();

  const SamplingParams& params_;
  std::vector<float> weights_;  // exp(scaled - maximum), 0 where filtered out
  std::vector<float> allowed_;  // logits without the forbidden one
  std::vector<double> sums_;
  std::vector<int32_t> order_;
};

}  // namespace reckon::rollout
