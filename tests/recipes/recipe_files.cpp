#include "tests/recipes/recipe_files.h"

#include <nlohmann/json.hpp>

#include "core/json.h"
#include "recipes/run.h"

namespace reckon::tests {

void RecipeFolder::write(const std::string& name, const std::string& text) const {
  const auto path = folder_.path() / name;
  std::filesystem::create_directories(path.parent_path());
  write_file_atomic(path, text);
}

recipes::Recipe RecipeFolder::load(const std::string& name,
                                   const std::vector<std::string>& overrides) const {
  return recipes::load_recipe((folder_.path() / name).string(), overrides);
}

ThrownError RecipeFolder::refused(const std::string& name,
                                  const std::vector<std::string>& overrides) const {
  return thrown_by([&] { load(name, overrides); });
}

nlohmann::json good_recipe() {
  constexpr const char* kText = R"({
    "name": "good", "device": "cpu",
    "model": {"preset": "tiny-smoke"},
    "task": {"kind": "countdown"},
    "stages": [
      {"name": "base", "kind": "pretrain", "corpus": {"kind": "countdown-traces"}, "max_steps": 5},
      {"name": "zero", "kind": "grpo", "policy": "base", "rewards": [{"kind": "countdown"}],
       "max_steps": 5, "eval_prompts": 8},
      {"name": "exam", "kind": "eval", "policy": ["base", "zero"],
       "rewards": [{"kind": "countdown"}], "eval_prompts": 8}
    ]
  })";
  return parse_json_text(kText, "good recipe");
}

nlohmann::json chain_recipe() {
  constexpr const char* kText = R"({
    "name": "chain", "device": "cpu",
    "model": {"preset": "tiny-smoke"},
    "task": {"kind": "countdown"},
    "stages": [
      {"name": "base", "kind": "pretrain", "corpus": {"kind": "countdown-traces"}, "max_steps": 5},
      {"name": "zero", "kind": "grpo", "policy": "base", "rewards": [{"kind": "countdown"}],
       "max_steps": 5},
      {"name": "picked", "kind": "sample", "policy": "zero", "num_prompts": 8,
       "rewards": [{"kind": "countdown"}, {"kind": "format"}]},
      {"name": "tuned", "kind": "sft", "policy": "base", "datasets": [{"samples": "picked"}]},
      {"name": "pupil", "kind": "distill", "policy": "tuned", "method": "on_policy",
       "teacher": "zero", "max_steps": 5},
      {"name": "student", "kind": "distill", "policy": "base", "datasets": [{"samples": "picked"}]},
      {"name": "equal", "kind": "grpo", "policy": "base", "budget_of": "student",
       "rewards": [{"kind": "countdown"}], "max_steps": 5},
      {"name": "exam", "kind": "eval", "policy": ["base", "student", "equal"],
       "rewards": [{"kind": "countdown"}], "eval_prompts": 8}
    ]
  })";
  return parse_json_text(kText, "chain recipe");
}

nlohmann::json recipe_with(const std::string& pointer, const nlohmann::json& value) {
  auto recipe = good_recipe();
  recipe[nlohmann::json::json_pointer(pointer)] = value;
  return recipe;
}

ThrownError refused_document(const nlohmann::json& document) {
  return thrown_by([&] { recipes::resolve_recipe(document, "r.json"); });
}

ThrownError refused_run(const nlohmann::json& document) {
  const auto recipe = recipes::resolve_recipe(document, "r.json");
  return thrown_by([&] { recipes::describe_run(recipe, true); });
}

}  // namespace reckon::tests
