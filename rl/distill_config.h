#pragma once

#include "rl/sft_config.h"

namespace reckon::rl {

/// Settings of a `distill` stage. With method `samples` it is an `sft` stage on samples of a
/// teacher. With `on_policy` the student samples and the teacher judges every token (GKD,
/// 2306.13649, in TRL's vocabulary).
struct DistillConfig : SftDataOptions, MemoryOptions, OptimizerConfig {
  std::string name;
  std::string kind = "distill";
  std::string policy;
  std::string method = "samples";
  std::string teacher;
  std::optional<JsonValue> task;
  std::vector<JsonValue> rewards;
  double beta = 1.0;
  int64_t prompts_per_step = 32;
  int64_t num_generations = 1;
  double temperature = 1.0;
  int64_t max_prompt_length = 512;
  int64_t max_completion_length = 512;
  int64_t max_steps = -1;
  int64_t save_steps = 400;
  std::optional<int64_t> save_total_limit = 2;
  int64_t logging_steps = 10;
  int64_t eval_steps = 50;
  int64_t eval_prompts = 0;

  template <class V>
  static void visit(V& v) {
    v(&DistillConfig::name, "name", "name of the stage");
    v(&DistillConfig::kind, "kind", "kind of the stage", one_of({"distill"}));
    v(&DistillConfig::policy, "policy",
      "the student: earlier stage, or model folder; the recipe's model if empty");
    v(&DistillConfig::method, "method",
      "samples: learn `datasets` as an sft stage does; on_policy: come near to the teacher on the "
      "student's own samples",
      one_of({"samples", "on_policy"}));
    SftDataOptions::visit(v);
    visit_on_policy(v);
    v(&DistillConfig::max_steps, "max_steps",
      "optimizer steps; -1, with samples only: as num_train_epochs says", at_least(-1));
    v(&DistillConfig::save_steps, "save_steps", "optimizer steps between checkpoints", at_least(1));
    v(&DistillConfig::save_total_limit, "save_total_limit", "checkpoints that are kept",
      at_least(1));
    v(&DistillConfig::logging_steps, "logging_steps",
      "with samples: optimizer steps between metrics lines; on_policy writes one a step",
      at_least(1));
    MemoryOptions::visit(v);
    OptimizerConfig::visit(v);
  }

 private:
  template <class V>
  static void visit_on_policy(V& v) {
    v(&DistillConfig::teacher, "teacher",
      "on_policy: earlier stage, or model folder, with the tokenizer of the student");
    v(&DistillConfig::task, "task", "on_policy: task of this stage; the recipe's if absent");
    v(&DistillConfig::rewards, "rewards",
      "on_policy: list of {kind, name, ...} that are logged; nothing is paid for them");
    v(&DistillConfig::beta, "beta",
      "on_policy: 1 is KL(student || teacher), 0 is KL(teacher || student), between them the "
      "generalized Jensen-Shannon divergence",
      probability());
    v(&DistillConfig::prompts_per_step, "prompts_per_step",
      "on_policy: prompts of one optimizer step", at_least(1));
    v(&DistillConfig::num_generations, "num_generations", "on_policy: completions of a prompt",
      at_least(1));
    v(&DistillConfig::temperature, "temperature",
      "on_policy: divides the logits in sampling; the divergence is of the models as they are",
      positive());
    v(&DistillConfig::max_prompt_length, "max_prompt_length",
      "on_policy: tokens; longer prompts are left out and counted", at_least(1));
    v(&DistillConfig::max_completion_length, "max_completion_length",
      "on_policy: tokens sampled at most", at_least(1));
    v(&DistillConfig::eval_steps, "eval_steps", "on_policy: optimizer steps between evaluations",
      at_least(1));
    v(&DistillConfig::eval_prompts, "eval_prompts",
      "on_policy: held-out prompts of an evaluation; 0 is none", at_least(0));
  }
};

/// The `sft` stage that a stage with method `samples` is.
SftConfig sft_config(const DistillConfig& config);

/// Throws Error(invalid_argument) for settings that do not go together; `place` names the stage, as
/// in "recipe.json /stages/3".
void check_distill(const DistillConfig& config, const std::string& place);

}  // namespace reckon::rl
