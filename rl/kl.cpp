#include "rl/kl.h"

#include "core/error.h"

namespace reckon::rl {
namespace {

constexpr double kLogRatioBound = 20.0;

}  // namespace

KlEstimator parse_kl_estimator(const std::string& text, bool use_bias_correction_kl) {
  if (text == "k2") return KlEstimator::k2;
  if (text == "k3") return use_bias_correction_kl ? KlEstimator::k3_ratio : KlEstimator::k3;
  check(text == "k3+", ErrorCode::invalid_argument, "expected k2, k3 or k3+ as a loss, got {}",
        text);
  return KlEstimator::k3_plus;
}

KlTerm kl_term(KlEstimator estimator, const at::Tensor& logprobs, const at::Tensor& ref_logprobs,
               const at::Tensor& ratio, const at::Tensor& engine_ratio) {
  const auto x = (logprobs - ref_logprobs).clamp(-kLogRatioBound, kLogRatioBound);
  const auto k3 = at::exp(-x) - 1.0 + x;
  const auto corrected = [&](const at::Tensor& r) {
    return engine_ratio.defined() ? r * engine_ratio : r;
  };
  switch (estimator) {
    case KlEstimator::k2:
      // Differentiating the ratio in front of k2 would add a term that is no gradient of the KL.
      return {corrected(ratio.detach()) * x.square() / 2.0, k3.detach()};
    case KlEstimator::k3:
      return {k3, k3.detach()};
    case KlEstimator::k3_plus: {
      const auto k2 = x.square() / 2.0;
      return {corrected(ratio.detach()) * (k2 - k2.detach() + k3.detach()), k3.detach()};
    }
    case KlEstimator::k3_ratio:
      return {corrected(ratio) * k3, k3.detach()};
  }
  fail(ErrorCode::internal, "expected a known KL estimator");
}

}  // namespace reckon::rl
