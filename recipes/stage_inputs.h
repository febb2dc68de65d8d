#pragma once

#include <filesystem>
#include <map>
#include <memory>

#include "policy/compute.h"
#include "recipes/recipe.h"
#include "rl/distill.h"
#include "rl/gold_check.h"
#include "rl/grpo.h"
#include "rl/pretrain.h"
#include "rl/sample.h"
#include "rl/sft.h"
#include "rl/sft_data.h"

namespace reckon::recipes {

/// What is known of a policy before its weights are there.
struct ModelOutline {
  policy::ModelConfig config;
  std::shared_ptr<const policy::Tokenizer> tokenizer;
};

/// Makes what stages work with out of a recipe. Everything but the weights can be made before the
/// run starts, which is how a recipe is checked.
class StageBuilder {
 public:
  /// `run_folder` is where earlier stages left their models.
  StageBuilder(const Recipe& recipe, std::filesystem::path run_folder);

  /// Task of a stage: its own, or else the recipe's. With the tokenizer of the model that answers,
  /// conversations are written in its chat format. Throws `invalid_argument` if neither has one.
  std::unique_ptr<tasks::ProblemSource> task(size_t stage, const std::optional<JsonValue>& own,
                                             const policy::Tokenizer* tokenizer = nullptr) const;
  /// Rewards of a stage. With its task, they know whether prompts open `<think>`.
  std::unique_ptr<rl::Scorer> scorer(size_t stage, const std::vector<JsonValue>& configs,
                                     const std::string& key = "rewards",
                                     const tasks::ProblemSource* source = nullptr) const;
  std::unique_ptr<tasks::Corpus> corpus(size_t stage, const JsonValue& config) const;

  /// The policy that `reference` names: an earlier stage, a model folder, or the recipe's model if
  /// empty.
  policy::Pretrained policy(const std::string& reference) const;
  /// What `policy` would load, or the new model that a pretrain stage makes; none for adapters.
  std::optional<ModelOutline> outline(const std::string& reference) const;
  /// The same of the policy that stage `i` makes or works with; of the first one of an eval stage.
  std::optional<ModelOutline> stage_outline(size_t i) const;

  /// The problems of a stage and the rewards that score answers to them. Rows of a data set whose
  /// gold a reward cannot read are left out of the task and told in `rejected`.
  struct Graded {
    std::unique_ptr<tasks::ProblemSource> task;
    std::unique_ptr<rl::Scorer> scorer;
    std::vector<rl::RejectedGold> rejected;
  };
  Graded graded(size_t stage, const std::optional<JsonValue>& own_task,
                const std::vector<JsonValue>& rewards, const std::string& key = "rewards",
                const policy::Tokenizer* tokenizer = nullptr) const;

  rl::PretrainInputs pretrain_inputs(size_t stage) const;
  /// Of an sft stage, and of a distill stage on samples.
  rl::SftInputs sft_inputs(size_t stage) const;
  rl::GrpoInputs grpo_inputs(size_t stage) const;
  rl::SampleInputs sample_inputs(size_t stage) const;
  /// Of an on-policy distill stage.
  rl::DistillInputs distill_inputs(size_t stage) const;

  /// Checks everything that can be known before training: tasks, rewards, corpora, names of
  /// policies, tokenizers, presets, the device. Throws the first problem. Returns the rows that
  /// stages leave out, one object {stage, row, reward, gold, reason} each.
  std::vector<nlohmann::json> check_all() const;

  /// Where policies compute and what their products read.
  policy::Compute compute() const;

  /// Where a stage's key stands in the recipe: "FILE /stages/3/KEY".
  std::string place(size_t stage, const std::string& key) const;

 private:
  friend class StageChecks;

  std::unique_ptr<tasks::ProblemSource> plain_task(size_t stage,
                                                   const std::optional<JsonValue>& own) const;
  tasks::SourceContext context(size_t stage, const std::string& key) const;
  rl::SftSources sft_sources(size_t stage, const policy::Pretrained& student) const;
  bool makes_new_model(const rl::PretrainConfig& config) const;
  std::string preset_of(const rl::PretrainConfig& config) const;
  ModelOutline new_outline(const std::string& preset, const tasks::Corpus& corpus) const;
  policy::Pretrained new_model(const std::string& preset, const tasks::Corpus& corpus) const;

  const Recipe& recipe_;
  std::filesystem::path run_folder_;
  rewards::RewardServices services_;  // one judge for all stages
  mutable std::map<std::string, rl::GoldCheck> checked_;  // by task and rewards, as text
};

}  // namespace reckon::recipes
