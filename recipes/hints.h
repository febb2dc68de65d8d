#pragma once

#include "core/config.h"

namespace reckon::recipes {

/// Names from other trainers (TRL's that differ, verl's, NeMo-RL's) with ours, for messages.
const ConfigHints& foreign_names();

}  // namespace reckon::recipes
