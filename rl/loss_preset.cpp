#include "core/error.h"
#include "rl/grpo_config.h"

namespace reckon::rl {
namespace {

struct Preset {
  const char* loss_type;
  const char* scale_rewards;
  const char* loss_aggregation;
  double epsilon, epsilon_high;
};

constexpr Preset kPresets[] = {
    {"grpo", "group", "seq_mean_token_mean", 0.2, 0.2},
    {"dr_grpo", "none", "constant", 0.2, 0.28},
    {"dapo", "group", "token_mean", 0.2, 0.28},
    {"bnpo", "group", "local_token_mean", 0.2, 0.2},
};

}  // namespace

GrpoConfig resolve_loss_preset(GrpoConfig config, const std::string& pointer) {
  for (const Preset& preset : kPresets) {
    if (config.loss_type != preset.loss_type) continue;
    if (!config.scale_rewards) config.scale_rewards = preset.scale_rewards;
    if (!config.loss_aggregation) config.loss_aggregation = preset.loss_aggregation;
    if (!config.epsilon) config.epsilon = preset.epsilon;
    if (!config.epsilon_high) config.epsilon_high = preset.epsilon_high;
  }
  check(config.beta == 0.0 || config.kl_estimator != "k1", ErrorCode::invalid_argument,
        "expected k2 or k3, got k1 (as a loss its gradient is pure noise), in {}/kl_estimator",
        pointer);
  check(!config.use_bias_correction_kl || config.kl_estimator == "k3", ErrorCode::invalid_argument,
        "expected kl_estimator k3 with use_bias_correction_kl, got {}, in {}/kl_estimator",
        config.kl_estimator, pointer);
  check(*config.epsilon < 1.0, ErrorCode::invalid_argument,
        "expected an epsilon below 1, got {}, in {}/epsilon", *config.epsilon, pointer);
  check(!config.rewards.empty(), ErrorCode::invalid_argument,
        "expected at least one reward, got none, in {}/rewards", pointer);
  return config;
}

}  // namespace reckon::rl
