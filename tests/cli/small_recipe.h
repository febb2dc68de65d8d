#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tests/cli/process.h"

namespace reckon::tests {

/// A recipe that runs through every kind of stage and every state that a resumed run has to find
/// again, in seconds: checkpoints between two metrics lines of pretraining, in the middle of a
/// rollout (two minibatches, two passes), with a reference model that is refreshed, with dynamic
/// sampling, and evaluations in between.
nlohmann::json small_recipe();

/// A shorter one, pretraining alone.
nlohmann::json pretrain_recipe();

/// Writes a recipe to a file and says where.
std::filesystem::path write_recipe(const std::filesystem::path& folder,
                                   const nlohmann::json& recipe);

/// How every test starts runs: `reckon run WHAT [--out OUT] --threads 2`.
Launch run_launch(const std::filesystem::path& what, const std::filesystem::path& out = {});

}  // namespace reckon::tests
