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

/// An upper bound for each stage before anything has run: every completion as long as its limit,
/// every prompt of the longest length that the stage takes, and everything that is sampled for a
/// data set kept. Stages whose model is not known count nothing.
std::vector<PlannedCost> planned_costs(const Recipe& recipe);

}  // namespace reckon::recipes
