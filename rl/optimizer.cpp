#include "rl/optimizer.h"

#include <numbers>

#include "core/error.h"
#include "policy/tensor_file.h"

namespace reckon::rl {

double learning_rate_at(const OptimizerConfig& c, int64_t step, int64_t max_steps) {
  const auto done = static_cast<double>(step - 1);
  const auto warmup = static_cast<double>(c.warmup_steps);
  const auto total = static_cast<double>(max_steps);
  if (done < warmup) return c.learning_rate * (done + 1.0) / warmup;
  const double least = c.lr_scheduler_kwargs.min_lr_ratio;
  const double progress = (done - warmup) / std::max(1.0, total - warmup);
  if (c.lr_scheduler_type == "linear") return c.learning_rate * std::max(0.0, 1.0 - progress);
  if (c.lr_scheduler_type == "cosine" || c.lr_scheduler_type == "cosine_with_min_lr") {
    const double floor = c.lr_scheduler_type == "cosine" ? 0.0 : least;
    const double wave = 0.5 * (1.0 + std::cos(std::numbers::pi * std::min(1.0, progress)));
    return c.learning_rate * (floor + (1.0 - floor) * wave);
  }
  if (c.lr_scheduler_type == "warmup_stable_decay") {
    const auto decay = c.lr_scheduler_kwargs.num_decay_steps > 0
                           ? static_cast<double>(c.lr_scheduler_kwargs.num_decay_steps)
                           : total / 2.0;
    const double left = std::clamp((total - done - 1.0) / decay, 0.0, 1.0);
    return c.learning_rate * (least + (1.0 - least) * left);
  }
  return c.learning_rate;
}

Optimizer::Optimizer(policy::Transformer& model, const OptimizerConfig& config)
    : model_(model), config_(config), parameters_(model.trainable_parameters()) {
  int64_t total = 0;
  for (const auto& parameter : parameters_) total += parameter.numel();
  flat_ = at::zeros({total}, parameters_.front().options().requires_grad(false));
  const at::NoGradGuard no_grad;
  int64_t begin = 0;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    auto& parameter = parameters_[i];
    gradients_.push_back(flat_.narrow(0, begin, parameter.numel()).view_as(parameter));
    begin += parameter.numel();
    parameter.mutable_grad() = gradients_.back();
    first_.push_back(at::zeros_like(gradients_.back()));
    second_.push_back(at::zeros_like(gradients_.back()));
    counts_.push_back(at::zeros({}, at::TensorOptions().dtype(at::kFloat).device(flat_.device())));
    (parameter.dim() > 1 ? decayed_ : plain_).push_back(i);
  }
}

void Optimizer::zero_grad() { flat_.zero_(); }

double Optimizer::grad_norm() const {
  constexpr int64_t kBlock = 1 << 14, kSlab = 1 << 8;  // blocks that exist in float64 at a time
  const int64_t blocks = flat_.numel() / kBlock, whole = blocks * kBlock;
  auto sums = at::empty({blocks}, flat_.options().dtype(at::kDouble));
  for (int64_t first = 0; first < blocks; first += kSlab) {
    const int64_t count = std::min(kSlab, blocks - first);
    const auto slab = flat_.narrow(0, first * kBlock, count * kBlock).view({count, kBlock});
    sums.narrow(0, first, count).copy_(slab.to(at::kDouble).square().sum(1));
  }
  const auto rest = flat_.narrow(0, whole, flat_.numel() - whole).to(at::kDouble).square().sum();
  return std::sqrt((sums.sum() + rest).item<double>());
}

double Optimizer::step(double learning_rate) {
  const at::NoGradGuard no_grad;
  const double norm = grad_norm();
  check(std::isfinite(norm), ErrorCode::internal,
        "expected a finite gradient, got a norm of {}, in optimizer step {}", norm, steps_ + 1);
  if (norm > config_.max_grad_norm) flat_.mul_(config_.max_grad_norm / (norm + 1e-6));
  update(decayed_, learning_rate, config_.weight_decay);
  update(plain_, learning_rate, 0.0);
  ++steps_;
  model_.repack();
  return norm;
}

void Optimizer::update(const std::vector<size_t>& which, double learning_rate,
                       double weight_decay) {
  std::vector<at::Tensor> parameters, gradients, first, second, counts;
  for (const size_t i : which) {
    counts_[i].add_(1);
    parameters.push_back(parameters_[i]);
    gradients.push_back(gradients_[i]);
    first.push_back(first_[i]);
    second.push_back(second_[i]);
    counts.push_back(counts_[i]);
  }
  if (parameters.empty()) return;
  at::_fused_adamw_(parameters, gradients, first, second, {}, counts, learning_rate,
                    config_.adam_beta1, config_.adam_beta2, weight_decay, config_.adam_epsilon,
                    false, false);
}

void Optimizer::save(const std::filesystem::path& path) const {
  policy::NamedTensors tensors;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    tensors.emplace_back(fmt::format("exp_avg.{:04}", i), first_[i]);
    tensors.emplace_back(fmt::format("exp_avg_sq.{:04}", i), second_[i]);
  }
  tensors.emplace_back("step", at::scalar_tensor(steps_, at::kLong));
  policy::save_tensors(path, tensors);
}

void Optimizer::load(const std::filesystem::path& path) {
  const at::NoGradGuard no_grad;
  const auto file = SafetensorsFile::open(path);
  auto count = at::empty({}, at::kLong);
  policy::read_tensor_into(file, path, "step", count);
  steps_ = count.item<int64_t>();
  for (size_t i = 0; i < parameters_.size(); ++i) {
    policy::read_tensor_into(file, path, fmt::format("exp_avg.{:04}", i), first_[i]);
    policy::read_tensor_into(file, path, fmt::format("exp_avg_sq.{:04}", i), second_[i]);
    counts_[i].fill_(static_cast<double>(steps_));
  }
}

}  // namespace reckon::rl
