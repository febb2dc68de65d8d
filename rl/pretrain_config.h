#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/config.h"
#include "rl/memory_options.h"
#include "rl/optimizer_config.h"

namespace reckon::rl {

/// A test that a pretrained model has to pass before reinforcement learning starts: with `forbid`
/// forbidden until `until` was sampled, the procedure is forced, which measures its ceiling.
struct GateConfig {
  int64_t eval_prompts = 512;
  std::string forbid;
  JsonValue until;
  double forced_accuracy = 0.0;
  int64_t extra_steps = 400;
  int64_t max_extensions = 2;
  int64_t max_completion_length = 240;
  std::vector<JsonValue> rewards;
  std::optional<JsonValue> task;

  template <class V>
  static void visit(V& v) {
    v(&GateConfig::eval_prompts, "eval_prompts", "held-out prompts", at_least(1));
    v(&GateConfig::forbid, "forbid", "token that may not be sampled ...");
    v(&GateConfig::until, "until", "... until this one, or one of a list, was");
    v(&GateConfig::forced_accuracy, "forced_accuracy", "accuracy that has to be reached",
      probability());
    v(&GateConfig::extra_steps, "extra_steps", "steps that are added where it is not", at_least(1));
    v(&GateConfig::max_extensions, "max_extensions", "how often, before a warning", at_least(0));
    v(&GateConfig::max_completion_length, "max_completion_length", "tokens sampled at most",
      at_least(1));
    v(&GateConfig::rewards, "rewards", "what counts as right: the first reward at 1");
    v(&GateConfig::task, "task", "task; the recipe's if absent");
  }
};

/// Settings of a `pretrain` stage: next-token training on a corpus, loss on completions only.
struct PretrainConfig : MemoryOptions, OptimizerConfig {
  std::string name;
  std::string kind = "pretrain";
  std::string policy;
  std::string preset;
  JsonValue corpus;
  int64_t tokens_per_step = 2048;
  int64_t max_steps = 1000;
  int64_t save_steps = 400;
  std::optional<int64_t> save_total_limit = 2;
  int64_t logging_steps = 10;
  std::optional<GateConfig> gate;

  template <class V>
  static void visit(V& v) {
    v(&PretrainConfig::name, "name", "name of the stage");
    v(&PretrainConfig::kind, "kind", "kind of the stage", one_of({"pretrain"}));
    v(&PretrainConfig::policy, "policy", "earlier stage to go on from; a new model if empty");
    v(&PretrainConfig::preset, "preset",
      "size of a new model, as in model/preset; if empty, the recipe's model");
    v(&PretrainConfig::corpus, "corpus", "what is learnt: {kind, ...}", required());
    v(&PretrainConfig::tokens_per_step, "tokens_per_step",
      "tokens of one optimizer step at most, in whole documents", at_least(1));
    v(&PretrainConfig::max_steps, "max_steps", "optimizer steps", at_least(1));
    v(&PretrainConfig::save_steps, "save_steps", "optimizer steps between checkpoints",
      at_least(1));
    v(&PretrainConfig::save_total_limit, "save_total_limit", "checkpoints that are kept",
      at_least(1));
    v(&PretrainConfig::logging_steps, "logging_steps", "optimizer steps between metrics lines",
      at_least(1));
    v(&PretrainConfig::gate, "gate", "test before the next stage");
    MemoryOptions::visit(v);
    OptimizerConfig::visit(v);
  }
};

}  // namespace reckon::rl
