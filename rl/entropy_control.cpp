#include "rl/entropy_control.h"

namespace reckon::rl {

std::vector<at::Tensor> top_entropy_masks(std::span<const at::Tensor> entropies, double share) {
  std::vector<double> all;
  for (const at::Tensor& one : entropies) {
    const auto values = one.to(at::kCPU, at::kDouble).contiguous();
    all.insert(all.end(), values.const_data_ptr<double>(),
               values.const_data_ptr<double>() + values.numel());
  }
  std::vector<at::Tensor> masks;
  if (all.empty()) return masks;
  std::sort(all.begin(), all.end());
  // What lies at or above the interpolated quantile is what lies at or above the next larger value;
  // the small number takes back the rounding of a rank that should be whole.
  const double rank = (1.0 - share) * static_cast<double>(all.size() - 1);
  const double threshold = all[static_cast<size_t>(std::ceil(std::max(0.0, rank - 1e-9)))];
  for (const at::Tensor& one : entropies) {
    masks.push_back((one.detach().to(at::kDouble) >= threshold).to(one.scalar_type()));
  }
  return masks;
}

EntropyControl::EntropyControl(const LossOptions& options)
    : adaptive_(options.use_adaptive_entropy),
      target_(options.entropy_target),
      delta_(options.entropy_coef_delta),
      min_(options.entropy_coef_min),
      max_(options.entropy_coef_max),
      coefficient_(options.entropy_coef) {
  if (adaptive_) coefficient_ = std::clamp(coefficient_, min_, max_);
}

double EntropyControl::in_effect() const {
  const bool rests = adaptive_ && last_entropy_.value_or(0.0) > target_;
  return rests ? 0.0 : coefficient_;
}

void EntropyControl::observe(double entropy) {
  if (!adaptive_) return;
  last_entropy_ = entropy;
  const double change = entropy <= target_ ? delta_ : -delta_;
  coefficient_ = std::clamp(coefficient_ + change, min_, max_);
}

void EntropyControl::restore(double coefficient, std::optional<double> last_entropy) {
  coefficient_ = coefficient;
  last_entropy_ = last_entropy;
}

}  // namespace reckon::rl
