#include "rl/correction.h"

#include "core/error.h"

namespace reckon::rl {
namespace {

constexpr double kLogRatioBound = 20.0;

at::Tensor masked(const at::Tensor& w, const CorrectionConfig& config) {
  return w.masked_fill((w < config.clip_min).logical_or(w > config.clip_max), 0.0);
}

}  // namespace

SamplerCorrection parse_sampler_correction(const std::string& text) {
  if (text == "none") return SamplerCorrection::none;
  if (text == "tis") return SamplerCorrection::tis;
  if (text == "mis") return SamplerCorrection::mis;
  if (text == "sequence") return SamplerCorrection::sequence;
  check(text == "sequence_truncate", ErrorCode::invalid_argument,
        "expected none, tis, mis, sequence or sequence_truncate, got {}", text);
  return SamplerCorrection::sequence_truncate;
}

at::Tensor engine_log_ratio(const at::Tensor& old_logprobs, const at::Tensor& sampler_logprobs) {
  return (old_logprobs - sampler_logprobs).detach().clamp(-kLogRatioBound, kLogRatioBound);
}

at::Tensor correction_weights(const CorrectionConfig& config, const at::Tensor& old_logprobs,
                              const at::Tensor& sampler_logprobs, const SequenceIndex& sequences) {
  if (config.kind == SamplerCorrection::none) return {};
  const auto log_w = engine_log_ratio(old_logprobs, sampler_logprobs);
  if (config.kind == SamplerCorrection::tis || config.kind == SamplerCorrection::mis) {
    const auto w = log_w.exp();
    const auto weights =
        config.kind == SamplerCorrection::tis ? w.clamp_max(config.clip_max) : masked(w, config);
    // A weight of 0 makes the geometric mean 0: one token outside drops the completion.
    return config.one_per_sequence ? sequence_mean(weights.log(), sequences).exp() : weights;
  }
  const auto lengths = sequences.lengths.to(log_w.scalar_type());
  const auto whole =
      (sequence_mean(log_w, sequences) * lengths).clamp(-kLogRatioBound, kLogRatioBound).exp();
  return config.kind == SamplerCorrection::sequence ? masked(whole, config)
                                                    : whole.clamp_max(config.clip_max);
}

at::Tensor engine_ratio(const CorrectionConfig& config, const at::Tensor& old_logprobs,
                        const at::Tensor& sampler_logprobs) {
  if (config.kind == SamplerCorrection::none) return {};
  return engine_log_ratio(old_logprobs, sampler_logprobs).exp().clamp_max(config.clip_max);
}

}  // namespace reckon::rl
