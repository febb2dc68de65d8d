#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/config.h"

namespace reckon::rl {

/// One rule of a `sample` stage: which values of a reward a kept completion may have.
struct KeepRuleConfig {
  std::string reward;
  std::optional<double> min;
  std::optional<double> max;
  std::string none = "drop";

  template <class V>
  static void visit(V& v) {
    v(&KeepRuleConfig::reward, "reward", "name of one of the stage's rewards", required());
    v(&KeepRuleConfig::min, "min", "least value that is kept");
    v(&KeepRuleConfig::max, "max", "largest value that is kept");
    v(&KeepRuleConfig::none, "none", "what becomes of completions that the reward has no value for",
      one_of({"drop", "keep"}));
  }
};

/// Settings of a `sample` stage: rejection sampling. Completions of training problems that pass all
/// rules become a file of samples that `sft` and `distill` stages learn from.
struct SampleConfig {
  std::string name;
  std::string kind = "sample";
  std::string policy;
  std::optional<JsonValue> task;
  std::vector<JsonValue> rewards;
  int64_t num_prompts = 1024;
  int64_t num_generations = 1;
  int64_t max_completion_length = 512;
  double temperature = 1.0;
  double top_p = 1.0;
  int64_t top_k = 0;
  std::vector<KeepRuleConfig> keep;
  bool correct = true;
  bool ended = true;
  std::optional<int64_t> min_length;
  std::optional<int64_t> max_length;
  bool deduplicate = true;
  std::optional<int64_t> max_per_prompt;
  std::string balance_by;
  int64_t min_kept = 0;
  int64_t min_kept_per_class = 0;
  std::optional<int64_t> max_kept_per_class;
  std::string class_column;
  int64_t max_rounds = 4;
  std::vector<std::string> group_by;
  int64_t prompts_per_batch = 256;

  template <class V>
  static void visit(V& v) {
    visit_sampling(v);
    visit_rules(v);
  }

 private:
  template <class V>
  static void visit_sampling(V& v) {
    v(&SampleConfig::name, "name", "name of the stage");
    v(&SampleConfig::kind, "kind", "kind of the stage", one_of({"sample"}));
    v(&SampleConfig::policy, "policy", "earlier stage, or model folder, that answers", required());
    v(&SampleConfig::task, "task", "task; the recipe's if absent");
    v(&SampleConfig::rewards, "rewards",
      "list of {kind, name, weight, ...}: the first that is no length term says what is right");
    v(&SampleConfig::num_prompts, "num_prompts", "training problems of one round, from the first",
      at_least(1));
    v(&SampleConfig::num_generations, "num_generations", "completions of each problem",
      at_least(1));
    v(&SampleConfig::max_completion_length, "max_completion_length", "tokens sampled at most",
      at_least(1));
    v(&SampleConfig::temperature, "temperature", "divides the logits", positive());
    v(&SampleConfig::top_p, "top_p", "nucleus sampling; 1 is off", between(1e-6, 1.0));
    v(&SampleConfig::top_k, "top_k", "most likely tokens to draw from; 0 is off", at_least(0));
    v(&SampleConfig::prompts_per_batch, "prompts_per_batch",
      "problems sampled between checkpoints; the samples do not depend on it", at_least(1));
  }

  template <class V>
  static void visit_rules(V& v) {
    v(&SampleConfig::keep, "keep", "rules that a kept completion fulfils");
    v(&SampleConfig::correct, "correct", "keep only right answers");
    v(&SampleConfig::ended, "ended", "keep only completions that were not cut off");
    v(&SampleConfig::min_length, "min_length", "least tokens of a kept completion", at_least(1));
    v(&SampleConfig::max_length, "max_length", "most tokens of a kept completion", at_least(1));
    v(&SampleConfig::deduplicate, "deduplicate",
      "keep the same completion of the same prompt only once");
    v(&SampleConfig::max_per_prompt, "max_per_prompt",
      "completions of one problem that are kept at most: those of the highest reward, the earlier "
      "ones among equals",
      at_least(1));
    v(&SampleConfig::balance_by, "balance_by",
      "column: samples of its smaller classes are repeated to the number of the largest");
    v(&SampleConfig::min_kept, "min_kept",
      "kept completions wanted; further rounds of new problems follow while there are fewer",
      at_least(0));
    v(&SampleConfig::min_kept_per_class, "min_kept_per_class",
      "the same for each class of class_column", at_least(0));
    v(&SampleConfig::max_kept_per_class, "max_kept_per_class",
      "kept completions of each class of class_column at most: the first ones", at_least(1));
    v(&SampleConfig::class_column, "class_column",
      "column that min_kept_per_class and max_kept_per_class count by");
    v(&SampleConfig::max_rounds, "max_rounds", "rounds at most", at_least(1));
    v(&SampleConfig::group_by, "group_by",
      "columns by which the summary counts, besides difficulty");
  }
};

}  // namespace reckon::rl
