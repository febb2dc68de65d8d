#pragma once

#include <string>
#include <vector>

#include "recipes/recipe.h"
#include "rl/stage_cost.h"

namespace reckon::recipes {

/// What a stage will cost at most.
struct PlannedCost {
  std::string stage;
  std::string kind;
  rl::StageCost cost;  ///< without time
};

/// About the most that each stage can cost, before anything has run: every completion as long as its
/// limit, and everything that is sampled for a data set kept. What repetition of classes adds is not
/// known, and stages whose model is not known count nothing.
std::vector<PlannedCost> planned_costs(const Recipe& recipe);

}  // namespace reckon::recipes
