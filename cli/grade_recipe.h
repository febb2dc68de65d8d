#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rewards/reward.h"

namespace reckon::cli {

/// The rewards of a recipe and what they need to know of the run.
struct RecipeRewards {
  std::vector<std::unique_ptr<rewards::Reward>> rewards;
  int64_t max_tokens = 0;  ///< the stage's limit of length; 0: it has none
};

/// Makes the rewards of a stage of a recipe; with an empty `stage`, of its first stage that has
/// rewards. `think_prefilled` says that its prompts end with `<think>`. Throws `invalid_argument`
/// that names the stages with rewards, and what reading the recipe throws.
RecipeRewards recipe_rewards(const std::string& recipe, const std::vector<std::string>& overrides,
                             const std::string& stage, bool think_prefilled,
                             const rewards::RewardServices& services);

}  // namespace reckon::cli
