#pragma once

#include "cli/grade.h"

namespace reckon::cli {

/// The `ReadRecipeRewards` of a program with recipes.
RecipeRewards recipe_rewards(const std::string& recipe, const std::vector<std::string>& overrides,
                             const std::string& stage, bool think_prefilled,
                             const rewards::RewardServices& services);

}  // namespace reckon::cli
