#include "rollout/sampling.h"

#include <limits>
#include <numeric>

#include "core/error.h"

namespace reckon::rollout {

namespace kernels = policy::kernels;

namespace {

// The lowest id among the largest logits. Not by weight: near logits round to the same weight.
int32_t largest(std::span<const float> logits) {
  return static_cast<int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

}  // namespace

bool SamplingParams::is_stop(int32_t token) const {
  return std::find(stop_token_ids.begin(), stop_token_ids.end(), token) != stop_token_ids.end();
}

SampledToken Sampler::sample(std::span<const float> logits, double uniform, int32_t forbidden) {
  const bool greedy = params_.temperature == 0.0;
  const auto width = static_cast<int64_t>(logits.size());
  check(forbidden < width, ErrorCode::invalid_argument,
        "expected a forbidden token below {}, got {}", width, forbidden);
  const auto scale = greedy ? 1.0f : static_cast<float>(1.0 / params_.temperature);
  const auto stats = weigh(logits, scale);
  std::span<const float> allowed = logits;
  if (forbidden >= 0) {
    // Weighed again without it: beside a large forbidden logit all others may have no weight.
    allowed_.assign(logits.begin(), logits.end());
    allowed_[static_cast<size_t>(forbidden)] = -std::numeric_limits<float>::infinity();
    allowed = allowed_;
    weigh(allowed, scale);
  }
  const bool filtered = forbidden >= 0 || (!greedy && params_.truncates());
  if (!greedy && params_.truncates()) apply_filters();

  const int32_t id = greedy ? largest(allowed) : draw(uniform);
  const float logit = logits[static_cast<size_t>(id)];
  SampledToken token{id, kernels::scaled_logprob(logit, scale, stats.log_sum), 0.0f, 0.0f};
  token.logprob_t1 = token.logprob;
  if (scale != 1.0f) {
    const auto plain = kernels::softmax_row<float>(logits.data(), width, 1.0f, nullptr);
    token.logprob_t1 = kernels::scaled_logprob(logit, 1.0f, plain.log_sum);
  }
  token.logprob_truncated = token.logprob;
  if (greedy) {
    token.logprob_truncated = 0.0f;  // all of the mass is on the largest logit
  } else if (filtered) {
    const double kept = std::accumulate(weights_.begin(), weights_.end(), 0.0);
    token.logprob_truncated =
        static_cast<float>(std::log(weights_[static_cast<size_t>(id)] / kept));
  }
  return token;
}

kernels::RowSoftmax<float> Sampler::weigh(std::span<const float> logits, float scale) {
  weights_.resize(logits.size());
  const auto stats = kernels::softmax_row(logits.data(), static_cast<int64_t>(logits.size()), scale,
                                          weights_.data());
  check(std::isfinite(stats.sum), ErrorCode::internal,
        "expected logits to draw from, got none that is finite or a NaN among them: the policy has "
        "diverged");
  return stats;
}

int32_t Sampler::draw(double uniform) {
  sums_.resize(weights_.size());
  double sum = 0.0;
  for (size_t i = 0; i < weights_.size(); ++i) sums_[i] = sum += weights_[i];
  // The first id whose cumulative mass exceeds u · total: an id of weight 0 is never drawn.
  const auto found = std::upper_bound(sums_.begin(), sums_.end(), uniform * sum);
  if (found != sums_.end()) return static_cast<int32_t>(found - sums_.begin());
  // u · total rounded up to the total: the last id that has any weight.
  const auto last = std::lower_bound(sums_.begin(), sums_.end(), sum);
  return static_cast<int32_t>(last - sums_.begin());
}

void Sampler::apply_filters() {
  order_.resize(weights_.size());
  std::iota(order_.begin(), order_.end(), 0);
  const auto weight = [&](int32_t id) { return weights_[static_cast<size_t>(id)]; };
  std::sort(order_.begin(), order_.end(), [&](int32_t a, int32_t b) {
    return weight(a) != weight(b) ? weight(a) > weight(b) : a < b;
  });
  size_t kept = order_.size();
  if (params_.top_k > 0) kept = std::min(kept, static_cast<size_t>(params_.top_k));
  if (params_.top_p < 1.0) {
    double total = 0.0;
    for (size_t i = 0; i < kept; ++i) total += weight(order_[i]);
    double sum = 0.0;
    size_t count = 0;
    while (count < kept && sum < params_.top_p * total) sum += weight(order_[count++]);
    kept = std::max<size_t>(count, 1);
  }
  if (params_.min_p > 0.0) {
    const double least = params_.min_p * weight(order_.front());
    while (kept > 1 && weight(order_[kept - 1]) < least) --kept;
  }
  for (size_t i = kept; i < order_.size(); ++i) weights_[static_cast<size_t>(order_[i])] = 0.0f;
}

}  // namespace reckon::rollout
