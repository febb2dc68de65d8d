#include "rl/update_totals.h"

namespace reckon::rl {

void UpdateTotals::Ratios::add(double ratio) {
  min = count == 0.0 ? ratio : std::min(min, ratio);
  max = count == 0.0 ? ratio : std::max(max, ratio);
  sum += ratio;
  squares += ratio * ratio;
  count += 1.0;
}

void UpdateTotals::add(const GrpoLoss& loss, const MicroBatch& batch, const at::Tensor& logprobs,
                       const at::Tensor& entropies) {
  loss_ += loss.loss.item<double>();
  policy_loss_ += loss.policy_loss.item<double>();
  if (loss.kl.defined()) kl_ += loss.kl.sum().item<double>();
  entropy_ += entropies.detach().sum().item<double>();
  tokens_ += batch.targets.numel();
  run_ += batch.batch.ids.numel();
  add_clip_shares(loss, batch.token_counts);
  const auto& sampled =
      batch.sampler_logprobs.defined() ? batch.sampler_logprobs : batch.old_logprobs;
  add_gap((logprobs.detach() - sampled).to(at::kCPU, at::kDouble), batch.token_counts);
}

void UpdateTotals::add_clip_shares(const GrpoLoss& loss, const std::vector<int64_t>& token_counts) {
  const auto low = loss.clip_low.to(at::kCPU, at::kDouble);
  const auto high = loss.clip_high.to(at::kCPU, at::kDouble);
  int64_t first = 0;
  for (const int64_t count : token_counts) {
    const double low_share = low.narrow(0, first, count).mean().item<double>();
    const double high_share = high.narrow(0, first, count).mean().item<double>();
    low_min_ = std::min(low_min_, low_share);
    high_max_ = std::max(high_max_, high_share);
    first += count;
  }
  low_ += low.sum().item<double>();
  high_ += high.sum().item<double>();
}

void UpdateTotals::add_gap(const at::Tensor& log_ratio, const std::vector<int64_t>& token_counts) {
  constexpr double kLogRatioBound = 20.0;  // so that exp of a whole completion stays finite
  const auto values = log_ratio.contiguous();
  const double* gap = values.const_data_ptr<double>();
  for (const int64_t count : token_counts) {
    double whole = 0.0;
    for (int64_t t = 0; t < count; ++t, ++gap) {
      const double rho = std::exp(*gap);
      whole += *gap;
      difference_ += std::abs(*gap);
      difference_max_ = std::max(difference_max_, std::abs(*gap));
      k3_ += rho - 1.0 - *gap;
      outside_ += rho < 0.9 || rho > 1.1;
      token_ratios_.add(rho);
    }
    sequence_ratio_totals_.add(std::exp(std::clamp(whole, -kLogRatioBound, kLogRatioBound)));
  }
}

UpdateResult UpdateTotals::result() const {
  UpdateResult out;
  out.loss = loss_;
  out.policy_loss = policy_loss_;
  out.trained_tokens = run_;
  if (tokens_ == 0) return out;
  const auto n = static_cast<double>(tokens_);
  out.kl = kl_ / n;
  out.entropy = entropy_ / n;
  out.clip_low_mean = low_ / n;
  out.clip_low_min = low_min_;
  out.clip_high_mean = high_ / n;
  out.clip_high_max = high_max_;
  out.clip_region_mean = (low_ + high_) / n;
  const Ratios& ratios = sequence_ratios_ ? sequence_ratio_totals_ : token_ratios_;
  out.gap = {difference_ / n,
             difference_max_,
             ratios.min,
             ratios.mean(),
             ratios.max,
             k3_ / n,
             outside_ / n,
             token_ratios_.effective_share(),
             sequence_ratio_totals_.effective_share()};
  return out;
}

}  // namespace reckon::rl
