#include "core/error.h"
#include "policy/lora.h"
#include "rl/grpo_config.h"

namespace reckon::rl {
namespace {

struct Preset {
  const char* loss_type;
  const char* advantage_estimator;
  const char* scale_rewards;
  const char* importance_sampling_level;
  const char* loss_aggregation;
  std::optional<double> epsilon, epsilon_high;
};

// One row a loss type; docs/algorithms.md has the same table with the papers.
const Preset kPresets[] = {
    {"grpo", "group_mean", "group", "token", "seq_mean_token_mean", 0.2, 0.2},
    {"dr_grpo", "group_mean", "none", "token", "constant", 0.2, 0.28},
    {"dapo", "group_mean", "group", "token", "token_mean", 0.2, 0.28},
    {"bnpo", "group_mean", "group", "token", "local_token_mean", 0.2, 0.2},
    {"gspo", "group_mean", "group", "sequence", "seq_mean", 3e-4, 4e-4},
    {"cispo", "group_mean", "group", "token", "token_mean", {}, 5.0},
    {"gmpo", "group_mean", "group", "token", "seq_mean", 0.4, 0.4},
    {"sapo", "group_mean", "group", "token", "seq_mean_token_mean", {}, {}},
    {"rloo", "rloo", "none", "token", "constant", 0.2, 0.28},
    {"reinforce_pp", "reinforce_pp", "none", "token", "token_mean", 0.2, 0.2},
    {"reinforce_pp_baseline", "reinforce_pp_baseline", "none", "token", "token_mean", 0.2, 0.2},
    {"dppo", "group_mean", "none", "token", "token_mean", {}, {}},
    {"reinforce", "group_mean", "none", "token", "constant", {}, {}},
};

template <class T, class U>
void fill(std::optional<T>& slot, const U& value) {
  if (!slot) slot = value;
}

void fill_preset(GrpoConfig& c) {
  for (const Preset& preset : kPresets) {
    if (c.loss_type != preset.loss_type) continue;
    fill(c.advantage_estimator, preset.advantage_estimator);
    // Only the group mean is divided by a deviation of choice; other estimators say it themselves.
    fill(c.scale_rewards, *c.advantage_estimator == "group_mean" ? preset.scale_rewards : "none");
    fill(c.importance_sampling_level, preset.importance_sampling_level);
    fill(c.loss_aggregation, preset.loss_aggregation);
    if (!c.epsilon) c.epsilon = preset.epsilon;
    if (!c.epsilon_high) c.epsilon_high = preset.epsilon_high;
  }
  fill(c.kl_placement, *c.advantage_estimator == "reinforce_pp" ? "reward" : "loss");
  fill(c.kl_estimator, *c.kl_placement == "reward" ? "k1" : "k2");
  const std::string& correction = c.importance_sampling_correction;
  if (correction == "none") return;
  fill(c.importance_sampling_clip_max, correction == "tis" ? 2.0 : correction == "mis" ? 5.0 : 3.0);
  if (correction == "mis") fill(c.importance_sampling_clip_min, 0.5);
}

// Checks of one configuration; `pointer` names its place in messages.
class PresetChecks {
 public:
  PresetChecks(const GrpoConfig& config, const std::string& pointer) : c_(config), at_(pointer) {}

  void run() const {
    check_term();
    check_sequence_level();
    check_advantages();
    check_kl();
    check_correction();
    check_adapter();
    check(!c_.rewards.empty(), ErrorCode::invalid_argument,
          "expected at least one reward, got none, in {}/rewards", at_);
    check(c_.entropy_coef_min <= c_.entropy_coef_max, ErrorCode::invalid_argument,
          "expected entropy_coef_min of at most entropy_coef_max {}, got {}, in "
          "{}/entropy_coef_min",
          c_.entropy_coef_max, c_.entropy_coef_min, at_);
  }

 private:
  bool is(const char* loss_type) const { return c_.loss_type == loss_type; }
  bool clips() const {
    return !is("cispo") && !is("gmpo") && !is("sapo") && !is("dppo") && !is("reinforce");
  }

  void check_term() const {
    check(!c_.delta || clips(), ErrorCode::invalid_argument,
          "expected no delta with loss_type {} (it bounds the clipped ratio), got {}, in {}/delta",
          c_.loss_type, c_.delta.value_or(0.0), at_);
    check(!is("cispo") || *c_.epsilon_high >= 1.0, ErrorCode::invalid_argument,
          "expected an epsilon_high of at least 1 with loss_type cispo (it is the cap of the ratio "
          "itself), got {}, in {}/epsilon_high",
          c_.epsilon_high.value_or(0.0), at_);
    check(!is("reinforce") || c_.num_iterations == 1, ErrorCode::invalid_argument,
          "expected num_iterations 1 with loss_type reinforce (nothing guards old samples), got "
          "{}, in {}/num_iterations",
          c_.num_iterations, at_);
    check(!is("dppo") || c_.old_logprobs == "sampler", ErrorCode::invalid_argument,
          "expected old_logprobs sampler with loss_type dppo (it bounds the change against the "
          "sampler), got {}, in {}/old_logprobs",
          c_.old_logprobs, at_);
  }

  void check_sequence_level() const {
    const bool sequence = *c_.importance_sampling_level == "sequence";
    check(!sequence || clips(), ErrorCode::invalid_argument,
          "expected importance_sampling_level token with loss_type {}, got sequence, in "
          "{}/importance_sampling_level",
          c_.loss_type, at_);
    const std::string& aggregation = *c_.loss_aggregation;
    if (sequence || is("gmpo")) {
      check(aggregation == "seq_mean" || aggregation == "seq_mean_token_mean",
            ErrorCode::invalid_argument,
            "expected loss_aggregation seq_mean where the policy term is one number a sequence, "
            "got {}, in {}/loss_aggregation",
            aggregation, at_);
      check(*c_.advantage_estimator != "reinforce_pp", ErrorCode::invalid_argument,
            "expected an advantage_estimator with one advantage a sequence, got reinforce_pp, in "
            "{}/advantage_estimator",
            at_);
    } else {
      check(aggregation != "seq_mean", ErrorCode::invalid_argument,
            "expected an aggregation of tokens with loss_type {}, got seq_mean, in "
            "{}/loss_aggregation",
            c_.loss_type, at_);
    }
  }

  void check_advantages() const {
    const std::string& estimator = *c_.advantage_estimator;
    check(estimator == "group_mean" || *c_.scale_rewards == "none", ErrorCode::invalid_argument,
          "expected scale_rewards none with advantage_estimator {}, got {}, in {}/scale_rewards",
          estimator, *c_.scale_rewards, at_);
    check(estimator == "reinforce_pp" || c_.num_generations >= 2, ErrorCode::invalid_argument,
          "expected a number of at least 2 (only reinforce_pp works with groups of one), got {}, "
          "in {}/num_generations",
          c_.num_generations, at_);
    check(estimator != "reinforce_pp" || c_.num_generations >= 2 || !c_.dynamic_sampling,
          ErrorCode::invalid_argument,
          "expected groups of at least 2 with dynamic_sampling, got 1, in {}/num_generations", at_);
    if (c_.multi_objective_aggregation == "sum_then_normalize") return;
    check(estimator == "group_mean", ErrorCode::invalid_argument,
          "expected advantage_estimator group_mean with normalize_then_sum, got {}, in "
          "{}/advantage_estimator",
          estimator, at_);
    check(c_.beta == 0.0 || *c_.kl_placement == "loss", ErrorCode::invalid_argument,
          "expected kl_placement loss with normalize_then_sum, got reward, in {}/kl_placement",
          at_);
  }

  void check_kl() const {
    const bool in_loss = *c_.kl_placement == "loss";
    check(c_.beta == 0.0 || !in_loss || *c_.kl_estimator != "k1", ErrorCode::invalid_argument,
          "expected k2, k3 or k3+, got k1 (as a loss its gradient is pure noise), in "
          "{}/kl_estimator",
          at_);
    check(in_loss || *c_.kl_estimator == "k1", ErrorCode::invalid_argument,
          "expected kl_estimator k1 with kl_placement reward, got {}, in {}/kl_estimator",
          *c_.kl_estimator, at_);
    check(!c_.use_bias_correction_kl || *c_.kl_estimator == "k3", ErrorCode::invalid_argument,
          "expected kl_estimator k3 with use_bias_correction_kl, got {}, in {}/kl_estimator",
          *c_.kl_estimator, at_);
  }

  void check_correction() const {
    const std::string& correction = c_.importance_sampling_correction;
    const bool none = correction == "none";
    check(none || c_.old_logprobs == "recompute", ErrorCode::invalid_argument,
          "expected old_logprobs recompute with importance_sampling_correction {} (against the "
          "sampler there is nothing left to correct), got {}, in {}/old_logprobs",
          correction, c_.old_logprobs, at_);
    check(!none || (!c_.importance_sampling_clip_max && !c_.importance_sampling_clip_min),
          ErrorCode::invalid_argument,
          "expected no bounds of a weight without importance_sampling_correction, got some, in "
          "{}/importance_sampling_clip_max",
          at_);
    const bool bounded_below = correction == "mis" || correction == "sequence";
    check(!c_.importance_sampling_clip_min || bounded_below, ErrorCode::invalid_argument,
          "expected no lower bound with importance_sampling_correction {} (it only truncates), got "
          "{}, in {}/importance_sampling_clip_min",
          correction, c_.importance_sampling_clip_min.value_or(0.0), at_);
    check(none || c_.importance_sampling_clip_min.value_or(0.0) <= *c_.importance_sampling_clip_max,
          ErrorCode::invalid_argument,
          "expected a lower bound of at most the upper one, got {}, in "
          "{}/importance_sampling_clip_min",
          c_.importance_sampling_clip_min.value_or(0.0), at_);
  }

  void check_adapter() const {
    policy::lora_modules(c_.lora_target_modules, at_ + "/lora_target_modules");
    check(!c_.use_peft || !c_.sync_ref_model, ErrorCode::invalid_argument,
          "expected sync_ref_model false with use_peft (the reference is the base without the "
          "adapter), got true, in {}/sync_ref_model",
          at_);
  }

  const GrpoConfig& c_;
  const std::string& at_;
};

}  // namespace

GrpoConfig resolve_loss_preset(GrpoConfig config, const std::string& pointer) {
  fill_preset(config);
  PresetChecks(config, pointer).run();
  return config;
}

bool token_separable(const GrpoConfig& config) {
  return *config.importance_sampling_level == "token" && config.loss_type != "gmpo" &&
         !config.off_policy_mask_threshold;
}

bool silent_groups_matter(const GrpoConfig& config) {
  const bool kl = config.beta > 0.0 && *config.kl_placement == "loss";
  const bool pulled_to_sampler = config.loss_type == "dppo" && config.dppo_kl_tau > 0.0;
  return kl || pulled_to_sampler || config.entropy_coef > 0.0 || config.use_adaptive_entropy ||
         *config.advantage_estimator == "reinforce_pp";
}

}  // namespace reckon::rl
