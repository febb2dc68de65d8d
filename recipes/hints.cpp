#include "recipes/hints.h"

namespace reckon::recipes {

const ConfigHints& foreign_names() {
  static const ConfigHints kNames = {
      {"rollout.n", "num_generations"},
      {"n", "num_generations"},
      {"group_size", "num_generations"},
      {"num_generations_per_prompt", "num_generations"},
      {"num_prompts_per_step", "prompts_per_step"},
      {"ppo_mini_batch_size", "prompts_per_step"},
      {"train_batch_size", "prompts_per_step"},
      {"ppo_epochs", "num_iterations"},
      {"ppo_max_token_len_per_gpu", "micro_batch_tokens"},
      {"max_response_length", "max_completion_length"},
      {"max_new_tokens", "max_completion_length"},
      {"clip_ratio", "epsilon"},
      {"clip_ratio_low", "epsilon"},
      {"clip_ratio_high", "epsilon_high"},
      {"clip_ratio_c", "delta"},
      {"kl_loss_coef", "beta"},
      {"kl_coef", "beta"},
      {"kl_loss_type", "kl_estimator"},
      {"loss_agg_mode", "loss_aggregation"},
      {"loss_mode", "loss_type"},
      {"norm_adv_by_std_in_grpo", "scale_rewards"},
      {"adv_estimator", "advantage_estimator"},
      {"vllm_importance_sampling_correction", "importance_sampling_correction"},
      {"vllm_importance_sampling_mode", "importance_sampling_correction"},
      {"vllm_importance_sampling_cap", "importance_sampling_clip_max"},
      {"vllm_importance_sampling_clip_max", "importance_sampling_clip_max"},
      {"vllm_importance_sampling_clip_min", "importance_sampling_clip_min"},
      {"rollout_is", "importance_sampling_correction"},
      {"rollout_is_threshold", "importance_sampling_clip_max"},
      {"bypass_mode", "old_logprobs"},
      {"use_kl_in_reward", "kl_placement"},
      {"kl_penalty", "kl_estimator"},
      {"entropy_coeff", "entropy_coef"},
      {"filter_groups", "dynamic_sampling"},
      {"reward_funcs", "rewards"},
      {"reward_weights", "rewards"},
      {"lr", "learning_rate"},
      {"grad_clip", "max_grad_norm"},
      {"lr_warmup_steps", "warmup_steps"},
      {"save_freq", "save_steps"},
      {"test_freq", "eval_steps"},
      {"val_period", "eval_steps"},
      {"adam_betas", "adam_beta1"},
      {"model_name_or_path", "model"},
      {"dataset_name", "task"},
      {"output_dir", "--out"},
  };
  return kNames;
}

}  // namespace reckon::recipes
