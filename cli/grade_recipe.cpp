#include "cli/grade_recipe.h"

#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "recipes/recipe.h"
#include "rewards/format.h"

namespace reckon::cli {
namespace {

/// Index of the stage whose rewards are meant.
size_t find_stage(const recipes::Recipe& recipe, const std::string& name) {
  std::vector<std::string> known;
  for (size_t i = 0; i < recipe.stages.size(); ++i) {
    const auto& stage = recipe.stages[i];
    if (recipes::stage_rewards(stage).empty()) continue;
    if (name.empty() || recipes::stage_name(stage) == name) return i;
    known.push_back(recipes::stage_name(stage));
  }
  const std::string got = name.empty() ? "none" : "\"" + name + "\"";
  fail(ErrorCode::invalid_argument, "expected a stage with rewards ({}), got {}, in {}",
       fmt::join(known, ", "), got, recipe.source);
}

}  // namespace

RecipeRewards recipe_rewards(const std::string& name, const std::vector<std::string>& overrides,
                             const std::string& stage, bool think_prefilled,
                             const rewards::RewardServices& services) {
  const auto recipe = recipes::load_recipe(name, overrides);
  const size_t index = find_stage(recipe, stage);
  const auto& config = recipe.stages[index];
  const std::string pointer =
      json_pointer("/stages", index) + "/" + recipes::stage_rewards_key(config);
  RecipeRewards result;
  result.max_tokens = recipes::completion_limit(config);
  for (const JsonValue& reward : recipes::stage_rewards(config)) {
    result.rewards.push_back(rewards::make_reward(
        rewards::with_think_prefilled(*reward, think_prefilled),
        json_pointer(pointer, result.rewards.size()), recipe.source, services));
  }
  return result;
}

}  // namespace reckon::cli
