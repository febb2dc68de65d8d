#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/config.h"

namespace reckon::rl {

/// Options of `lr_scheduler_type`, named as in transformers.
struct LrSchedulerKwargs {
  int64_t num_decay_steps = 0;
  double min_lr_ratio = 0.0;

  template <class V>
  static void visit(V& v) {
    v(&LrSchedulerKwargs::num_decay_steps, "num_decay_steps",
      "last steps in which warmup_stable_decay falls linearly; 0 is half of all", at_least(0));
    v(&LrSchedulerKwargs::min_lr_ratio, "min_lr_ratio", "share of the peak at the end",
      probability());
  }
};

/// AdamW and its schedule (Loshchilov & Hutter, 1711.05101). Norms and biases are not decayed.
struct OptimizerConfig {
  double learning_rate = 1e-6;
  std::string lr_scheduler_type = "constant";
  LrSchedulerKwargs lr_scheduler_kwargs;
  int64_t warmup_steps = 0;
  double weight_decay = 0.0;
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.999;
  double adam_epsilon = 1e-8;
  double max_grad_norm = 1.0;

  template <class V>
  static void visit(V& v) {
    v(&OptimizerConfig::learning_rate, "learning_rate", "peak step size of AdamW", positive());
    v(&OptimizerConfig::lr_scheduler_type, "lr_scheduler_type", "shape of the schedule",
      one_of({"constant", "constant_with_warmup", "linear", "cosine", "cosine_with_min_lr",
              "warmup_stable_decay"}));
    v(&OptimizerConfig::lr_scheduler_kwargs, "lr_scheduler_kwargs", "options of the schedule");
    v(&OptimizerConfig::warmup_steps, "warmup_steps", "steps of linear warm-up", at_least(0));
    v(&OptimizerConfig::weight_decay, "weight_decay", "decoupled weight decay of matrices",
      at_least(0));
    v(&OptimizerConfig::adam_beta1, "adam_beta1", "decay of the first moment",
      between(0.0, 0.9999999));
    v(&OptimizerConfig::adam_beta2, "adam_beta2", "decay of the second moment",
      between(0.0, 0.9999999));
    v(&OptimizerConfig::adam_epsilon, "adam_epsilon", "added to the root of the second moment",
      positive());
    v(&OptimizerConfig::max_grad_norm, "max_grad_norm", "gradients are scaled down to this norm",
      positive());
  }
};

/// Learning rate of optimizer step `step` (1-based) out of `max_steps`.
double learning_rate_at(const OptimizerConfig& config, int64_t step, int64_t max_steps);

}  // namespace reckon::rl
