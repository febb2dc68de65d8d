#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/config.h"
#include "rl/loss_options.h"
#include "rl/memory_options.h"
#include "rl/optimizer_config.h"

namespace reckon::rl {

/// Settings of a `grpo` stage, in TRL's vocabulary where TRL has the concept (docs/algorithms.md).
struct GrpoConfig : LossOptions, MemoryOptions, OptimizerConfig {
  std::string name;
  std::string kind = "grpo";
  std::string policy;
  std::optional<JsonValue> task;
  std::vector<JsonValue> rewards;

  int64_t prompts_per_step = 32;
  int64_t num_generations = 8;
  int64_t steps_per_generation = 1;
  int64_t num_iterations = 1;
  int64_t max_prompt_length = 512;
  int64_t max_completion_length = 512;

  double temperature = 1.0;
  double top_p = 1.0;
  int64_t top_k = 0;
  std::optional<double> min_p;

  bool sync_ref_model = false;
  int64_t ref_model_sync_steps = 512;
  double ref_model_mixup_alpha = 0.6;

  bool drop_zero_std_groups = true;
  bool filter_renormalize = false;
  bool dynamic_sampling = false;
  int64_t dynamic_sampling_max_rounds = 10;
  bool mask_truncated_completions = false;
  int64_t overlong_buffer_len = 0;
  double overlong_penalty_factor = 1.0;

  double mismatch_stop = 0.01;
  std::vector<std::string> reflection_words = {"wait"};
  bool log_completion_logprobs = false;

  int64_t max_steps = 100;
  double max_flops = 0.0;
  std::string budget_of;
  int64_t save_steps = 100;
  std::optional<int64_t> save_total_limit;
  int64_t eval_steps = 50;
  int64_t eval_prompts = 0;
  int64_t num_generations_eval = 1;

  template <class V>
  static void visit(V& v) {
    visit_data(v);
    LossOptions::visit(v);
    visit_groups(v);
    visit_run(v);
    MemoryOptions::visit(v);
    OptimizerConfig::visit(v);
  }

 private:
  template <class V>
  static void visit_data(V& v) {
    v(&GrpoConfig::name, "name", "name of the stage");
    v(&GrpoConfig::kind, "kind", "kind of the stage", one_of({"grpo"}));
    v(&GrpoConfig::policy, "policy", "earlier stage, or model folder, that training starts from");
    v(&GrpoConfig::task, "task", "task of this stage; the recipe's if absent");
    v(&GrpoConfig::rewards, "rewards",
      "list of {kind, name, weight, ...}: what answers are paid for");
    v(&GrpoConfig::prompts_per_step, "prompts_per_step", "prompts of one optimizer step",
      at_least(1));
    v(&GrpoConfig::num_generations, "num_generations", "completions of a prompt: the group size",
      at_least(1));
    v(&GrpoConfig::steps_per_generation, "steps_per_generation",
      "optimizer steps (minibatches) in one pass over a rollout", at_least(1));
    v(&GrpoConfig::num_iterations, "num_iterations", "passes over one rollout", at_least(1));
    v(&GrpoConfig::max_prompt_length, "max_prompt_length",
      "tokens; longer prompts are left out and counted", at_least(1));
    v(&GrpoConfig::max_completion_length, "max_completion_length", "tokens sampled at most",
      at_least(1));
    v(&GrpoConfig::temperature, "temperature", "divides the logits", positive());
    v(&GrpoConfig::top_p, "top_p", "nucleus sampling; 1 is off", between(1e-6, 1.0));
    v(&GrpoConfig::top_k, "top_k", "most likely tokens to draw from; 0 is off", at_least(0));
    v(&GrpoConfig::min_p, "min_p", "least share of the largest probability", probability());
  }

  template <class V>
  static void visit_groups(V& v) {
    v(&GrpoConfig::sync_ref_model, "sync_ref_model", "refresh the reference model during training");
    v(&GrpoConfig::ref_model_sync_steps, "ref_model_sync_steps",
      "optimizer steps between refreshes", at_least(1));
    v(&GrpoConfig::ref_model_mixup_alpha, "ref_model_mixup_alpha",
      "share of the policy in a refreshed reference", probability());
    v(&GrpoConfig::drop_zero_std_groups, "drop_zero_std_groups",
      "skip groups without signal; the gradient is the same");
    v(&GrpoConfig::filter_renormalize, "filter_renormalize",
      "take skipped groups out of the counts that the loss is divided by");
    v(&GrpoConfig::dynamic_sampling, "dynamic_sampling",
      "sample further prompts until all groups have signal (DAPO)");
    v(&GrpoConfig::dynamic_sampling_max_rounds, "dynamic_sampling_max_rounds",
      "rounds of sampling at most", at_least(1));
    v(&GrpoConfig::mask_truncated_completions, "mask_truncated_completions",
      "leave completions that were cut off out of the loss");
    v(&GrpoConfig::overlong_buffer_len, "overlong_buffer_len",
      "tokens below the limit in which a length penalty grows; 0 is off", at_least(0));
    v(&GrpoConfig::overlong_penalty_factor, "overlong_penalty_factor", "largest length penalty",
      at_least(0));
  }

  template <class V>
  static void visit_run(V& v) {
    v(&GrpoConfig::mismatch_stop, "mismatch_stop",
      "stop if the gap of sampler and trainer (mismatch_k3, nats) passes this", positive());
    v(&GrpoConfig::reflection_words, "reflection_words",
      "words counted in completions, logged as reflection/WORD");
    v(&GrpoConfig::log_completion_logprobs, "log_completion_logprobs",
      "write each token's text and log-probability into completions.jsonl");
    v(&GrpoConfig::max_steps, "max_steps", "optimizer steps", at_least(1));
    v(&GrpoConfig::max_flops, "max_flops",
      "end after the step that used up so many floating-point operations; 0 is no limit",
      at_least(0));
    v(&GrpoConfig::budget_of, "budget_of",
      "an earlier stage: end when as many floating-point operations are used up as it took");
    v(&GrpoConfig::save_steps, "save_steps", "optimizer steps between checkpoints", at_least(1));
    v(&GrpoConfig::save_total_limit, "save_total_limit", "checkpoints that are kept", at_least(1));
    v(&GrpoConfig::eval_steps, "eval_steps", "optimizer steps between evaluations", at_least(1));
    v(&GrpoConfig::eval_prompts, "eval_prompts", "held-out prompts of an evaluation; 0 is none",
      at_least(0));
    v(&GrpoConfig::num_generations_eval, "num_generations_eval",
      "samples per prompt of an evaluation", at_least(1));
  }
};

/// A `GrpoConfig` with the preset of its `loss_type` filled in where the user set nothing.
/// Throws `invalid_argument` for combinations that would not train what they say; `pointer` names
/// the stage in messages.
GrpoConfig resolve_loss_preset(GrpoConfig config, const std::string& pointer);

/// Whether a token's loss and its gradient depend on that token's own log-probability and entropy
/// and on constants known before the forward pass, so that the loss can be taken apart into chunks
/// of tokens that cut sequences. False for ratios and masks of whole sequences.
bool token_separable(const GrpoConfig& config);

/// Whether groups whose rewards are all equal carry gradient (through KL, entropy, or a baseline
/// beyond the group) and so are never skipped.
bool silent_groups_matter(const GrpoConfig& config);

}  // namespace reckon::rl
