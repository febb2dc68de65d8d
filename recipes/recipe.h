#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rl/distill_config.h"
#include "rl/eval_config.h"
#include "rl/grpo_config.h"
#include "rl/pretrain_config.h"
#include "rl/sample_config.h"
#include "rl/sft_config.h"

namespace reckon::recipes {

/// Where the first policy comes from.
struct ModelSource {
  std::string preset;
  std::string path;
  std::string chat_format;
  bool chat = false;

  template <class V>
  static void visit(V& v) {
    v(&ModelSource::preset, "preset", "a new model: tiny-0.4m, tiny-0.2m, tiny-0.8m or tiny-smoke");
    v(&ModelSource::path, "path", "a Hugging Face folder or a GGUF file");
    v(&ModelSource::chat_format, "chat_format",
      "how conversations are written: chatml, llama3, qwen, deepseek-r1, r1-zero or plain; if "
      "empty, as the model's own template says");
    v(&ModelSource::chat, "chat", "send prompts of text as a user's message, not as they are");
  }
};

/// How answers are graded outside of the trainer.
struct SandboxConfig {
  std::string require = "strict";

  template <class V>
  static void visit(V& v) {
    v(&SandboxConfig::require, "require",
      "strict: refuse to run code where a layer of isolation is missing; best_effort: run it with "
      "what there is",
      one_of({"strict", "best_effort"}));
  }
};

/// Settings that change speed, never results; not part of the recipe's hash.
struct SpeedConfig {
  int64_t rows_per_thread = 32;
  int64_t grading_workers = 2;
  int64_t parallel_sandboxes = 2;

  template <class V>
  static void visit(V& v) {
    v(&SpeedConfig::rows_per_thread, "rows_per_thread", "sequences one thread decodes together",
      between(1, 4096));
    v(&SpeedConfig::grading_workers, "grading_workers",
      "processes that grade mathematics and regular expressions", between(1, 256));
    v(&SpeedConfig::parallel_sandboxes, "parallel_sandboxes",
      "programs that are run side by side; more than there are cores makes time limits noise",
      between(1, 256));
  }
};

/// A recipe as it is written, without its stages' own settings.
struct RecipeConfig {
  std::string name;
  std::string description;
  std::string claim;
  uint64_t seed = 42;
  std::string device = "auto";
  std::string dtype = "float32";
  ModelSource model;
  std::optional<JsonValue> task;
  std::vector<JsonValue> stages;
  SandboxConfig sandbox;
  SpeedConfig speed;

  template <class V>
  static void visit(V& v) {
    v(&RecipeConfig::name, "name", "name of the run folder", required());
    v(&RecipeConfig::description, "description", "one line for `reckon recipes`");
    v(&RecipeConfig::claim, "claim", "what the result shows, printed with it");
    v(&RecipeConfig::seed, "seed", "of every random draw");
    v(&RecipeConfig::device, "device", "auto, cpu, cuda or cuda:N");
    v(&RecipeConfig::dtype, "dtype",
      "float32, or bfloat16 for products that read weights rounded to it",
      one_of({"float32", "bfloat16"}));
    v(&RecipeConfig::model, "model", "where the first policy comes from");
    v(&RecipeConfig::task, "task", "what the model is asked: {kind, ...}");
    v(&RecipeConfig::stages, "stages", "what is done, in order: list of {name, kind, ...}",
      required());
    v(&RecipeConfig::sandbox, "sandbox", "where code of the model is run");
    v(&RecipeConfig::speed, "speed", "settings that change speed only");
  }
};

/// The settings of one stage.
using StageConfig = std::variant<rl::PretrainConfig, rl::SftConfig, rl::GrpoConfig,
                                 rl::SampleConfig, rl::DistillConfig, rl::EvalConfig>;

/// A recipe that was read, checked and completed.
struct Recipe {
  RecipeConfig config;
  std::vector<StageConfig> stages;
  JsonValue resolved;  ///< all keys with their values; read again it gives the same recipe
  std::string hash;    ///< of `resolved` without speed
  std::string source;  ///< file or name, for messages
};

/// Reads a recipe: a file, or the name of a shipped one. `overrides` are `--set` assignments.
/// Throws one `invalid_argument` that lists every problem; `not_found` names the recipes there are.
Recipe load_recipe(const std::string& name_or_path, const std::vector<std::string>& overrides);

/// Completes a document that has no `base`; `source` names it in messages.
Recipe resolve_recipe(const nlohmann::json& document, const std::string& source);

/// Name of a stage.
const std::string& stage_name(const StageConfig& stage);
/// "pretrain", "sft", "grpo", "sample", "distill" or "eval".
const std::string& stage_kind(const StageConfig& stage);
/// The rewards of a stage, with the penalty that the overlong keys of a grpo stage ask for; of a
/// pretrain stage, those of its gate. Empty if it has none.
std::vector<JsonValue> stage_rewards(const StageConfig& stage);
/// Where these rewards stand inside the stage: "rewards", or "gate/rewards".
std::string stage_rewards_key(const StageConfig& stage);
/// The most tokens that a policy may write in a stage; 0 where none is sampled from.
int64_t completion_limit(const StageConfig& stage);

}  // namespace reckon::recipes
