#pragma once

#include <string>
#include <vector>

#include "recipes/recipe.h"

namespace reckon::recipes {

/// A place where a stage names what it starts from.
struct StageReference {
  /// What has to stand there.
  enum Kind { model, samples, any };

  std::string key;   ///< inside the stage: "policy", "datasets/0/samples"
  std::string name;  ///< of an earlier stage, or a path
  Kind kind = model;
};

/// All names of stages or paths in a stage, in the order of its keys; empty ones are left out.
std::vector<StageReference> stage_references(const StageConfig& stage);

/// Position of the stage with this name, or none.
std::optional<size_t> find_stage(const Recipe& recipe, const std::string& name);

/// Checks that every reference of stage `i` names an earlier stage that makes what is wanted, or
/// something on disk. Throws `invalid_argument` or `not_found`.
void check_references(const Recipe& recipe, size_t i);

/// Names in an eval stage's `policy`: one or a list. Throws `invalid_argument`.
std::vector<std::string> policy_names(const rl::EvalConfig& config, const std::string& where);

/// For each stage a hash of all that its result depends on: its settings and place, the recipe's
/// seed, model and task, the hashes of the stages that it starts from, and the content of files
/// that it names. Equal hashes give equal results; speed settings do not count.
std::vector<std::string> stage_hashes(const Recipe& recipe);

}  // namespace reckon::recipes
