#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/config.h"

namespace reckon::rl {

/// Settings of an `eval` stage: one or more policies on the same held-out prompts and draws.
struct EvalConfig {
  std::string name;
  std::string kind = "eval";
  JsonValue policy;
  std::optional<JsonValue> task;
  std::vector<JsonValue> rewards;
  int64_t eval_prompts = 256;
  std::optional<int64_t> greedy_prompts;
  int64_t num_samples = 8;
  std::vector<int64_t> k;
  double temperature = 1.0;
  double top_p = 1.0;
  int64_t top_k = 0;
  int64_t max_completion_length = 512;
  std::vector<std::string> reflection_words = {"wait"};
  std::vector<std::string> group_by;

  template <class V>
  static void visit(V& v) {
    v(&EvalConfig::name, "name", "name of the stage");
    v(&EvalConfig::kind, "kind", "kind of the stage", one_of({"eval"}));
    v(&EvalConfig::policy, "policy", "earlier stage or model folder, or a list of them",
      required());
    v(&EvalConfig::task, "task", "task; the recipe's if absent");
    v(&EvalConfig::rewards, "rewards", "what counts as right: the first reward at 1");
    v(&EvalConfig::eval_prompts, "eval_prompts", "held-out prompts", at_least(1));
    v(&EvalConfig::greedy_prompts, "greedy_prompts",
      "held-out prompts with a greedy completion; eval_prompts if absent", at_least(1));
    v(&EvalConfig::num_samples, "num_samples", "completions of each prompt", at_least(1));
    v(&EvalConfig::k, "k", "of pass@k and cons@k, at most num_samples; if empty, powers of two",
      at_least(1));
    v(&EvalConfig::temperature, "temperature", "divides the logits", positive());
    v(&EvalConfig::top_p, "top_p", "nucleus sampling; 1 is off", between(1e-6, 1.0));
    v(&EvalConfig::top_k, "top_k", "most likely tokens to draw from; 0 is off", at_least(0));
    v(&EvalConfig::max_completion_length, "max_completion_length", "tokens sampled at most",
      at_least(1));
    v(&EvalConfig::reflection_words, "reflection_words", "words counted in completions");
    v(&EvalConfig::group_by, "group_by",
      "columns of the problems whose values are reported apart, such as language");
  }
};

}  // namespace reckon::rl
