#pragma once

#include <filesystem>
#include <memory>

#include "policy/compute.h"
#include "recipes/recipe.h"
#include "rl/gold_check.h"
#include "rl/grpo.h"
#include "rl/pretrain.h"

namespace reckon::recipes {

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
  /// empty. `vocabulary` makes the tokenizer of a new model.
  policy::Pretrained policy(const std::string& reference, const tasks::Corpus* corpus) const;

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
  rl::GrpoInputs grpo_inputs(size_t stage) const;

  /// Checks everything that can be known before training: tasks, rewards, corpora, names of
  /// policies, presets, the device. Throws the first problem. Returns the rows that stages leave
  /// out, one object {stage, row, reward, gold, reason} each.
  std::vector<nlohmann::json> check_all() const;

  /// Where policies compute and what their products read.
  policy::Compute compute() const;

 private:
  void check_stage(size_t stage, std::vector<nlohmann::json>& rejected) const;
  void check_model_path() const;
  void check_policy(size_t stage, const std::string& reference) const;
  std::unique_ptr<tasks::ProblemSource> plain_task(size_t stage,
                                                   const std::optional<JsonValue>& own) const;
  tasks::SourceContext context(size_t stage, const std::string& key) const;
  policy::Pretrained new_model(const tasks::Corpus& corpus) const;

  const Recipe& recipe_;
  std::filesystem::path run_folder_;
  rewards::RewardServices services_;  // one judge for all stages
};

/// Names in an eval stage's `policy`: one or a list. Throws `invalid_argument`.
std::vector<std::string> policy_names(const rl::EvalConfig& config, const std::string& where);

}  // namespace reckon::recipes
