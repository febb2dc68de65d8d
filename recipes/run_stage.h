#pragma once

#include "recipes/stage_inputs.h"
#include "rl/stage.h"

namespace reckon::recipes {

/// Runs stage `i` of a recipe to its end, or until a shutdown is requested.
rl::StageEnd run_stage(const Recipe& recipe, size_t i, const StageBuilder& builder,
                       const rl::StageContext& context);

}  // namespace reckon::recipes
