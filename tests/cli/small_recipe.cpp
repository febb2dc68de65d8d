#include "tests/cli/small_recipe.h"

#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/json.h"

namespace reckon::tests {
namespace {

using nlohmann::json;

constexpr const char* kRecipe = R"({
  "name": "small", "seed": 7, "device": "cpu",
  "model": {"preset": "tiny-smoke"},
  "task": {"kind": "countdown"},
  "stages": [
    {
      // Checkpoints and metrics lines do not fall on the same steps.
      "name": "base", "kind": "pretrain", "corpus": {"kind": "countdown-traces"},
      "max_steps": 60, "tokens_per_step": 512, "save_steps": 6, "logging_steps": 5,
      "learning_rate": 5e-3, "warmup_steps": 5, "lr_scheduler_type": "constant_with_warmup"
    },
    {
      "name": "zero", "kind": "grpo", "policy": "base",
      "prompts_per_step": 4, "num_generations": 4, "max_completion_length": 32,
      "steps_per_generation": 2, "num_iterations": 2,
      "rewards": [{"kind": "countdown"}, {"kind": "format", "weight": 0.1}],
      "max_steps": 12, "save_steps": 2, "learning_rate": 1e-3,
      "eval_steps": 5, "eval_prompts": 16, "num_generations_eval": 2
    },
    {
      "name": "more", "kind": "grpo", "policy": "zero", "loss_type": "dapo",
      "prompts_per_step": 4, "num_generations": 4, "max_completion_length": 32,
      "beta": 0.05, "sync_ref_model": true, "ref_model_sync_steps": 3,
      "dynamic_sampling": true, "dynamic_sampling_max_rounds": 3,
      "rewards": [{"kind": "countdown"}, {"kind": "format", "weight": 0.1}],
      "max_steps": 8, "save_steps": 3, "save_total_limit": 2, "learning_rate": 1e-3,
      "eval_steps": 4, "eval_prompts": 16
    },
    {
      "name": "picked", "kind": "sample", "policy": "more",
      "num_prompts": 24, "num_generations": 2, "max_completion_length": 32,
      "rewards": [{"kind": "countdown"}, {"kind": "format"}],
      "correct": false, "ended": false, "min_length": 4, "prompts_per_batch": 5
    },
    {
      "name": "tuned", "kind": "sft", "policy": "base",
      "datasets": [
        {"samples": "picked"},
        {"corpus": {"kind": "countdown-traces"}, "relative_size": 0.5, "weight": 0.5}
      ],
      "num_train_epochs": 2, "tokens_per_step": 256, "save_steps": 3, "logging_steps": 2,
      "learning_rate": 1e-3
    },
    {
      "name": "pupil", "kind": "distill", "policy": "tuned", "method": "on_policy", "teacher": "more",
      "prompts_per_step": 4, "num_generations": 2, "max_completion_length": 32,
      "rewards": [{"kind": "countdown"}],
      "max_steps": 6, "save_steps": 2, "learning_rate": 1e-3, "eval_steps": 4, "eval_prompts": 16
    },
    {
      "name": "exam", "kind": "eval", "policy": ["base", "zero", "more", "tuned", "pupil"],
      "rewards": [{"kind": "countdown"}],
      "eval_prompts": 16, "num_samples": 2, "max_completion_length": 32
    }
  ]
})";

}  // namespace

json small_recipe() { return parse_json_text(kRecipe, "small recipe", true); }

json pretrain_recipe() {
  json recipe = small_recipe();
  recipe["stages"].erase(recipe["stages"].begin() + 1, recipe["stages"].end());
  recipe["stages"][0]["max_steps"] = 20;
  return recipe;
}

std::filesystem::path write_recipe(const std::filesystem::path& folder, const json& recipe) {
  const auto path = folder / "recipe-under-test.json";
  write_file_atomic(path, json_text(recipe, 2) + "\n");
  return path;
}

Launch run_launch(const std::filesystem::path& what, const std::filesystem::path& out) {
  Launch launch;
  launch.arguments = {"run", what.string(), "--threads", "2"};
  if (!out.empty()) launch.arguments.insert(launch.arguments.end(), {"--out", out.string()});
  return launch;
}

}  // namespace reckon::tests
