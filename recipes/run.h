#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "recipes/recipe.h"

namespace reckon::recipes {

/// How a recipe is run. Everything here is decided by the command line.
struct RunOptions {
  std::filesystem::path folder;  ///< the run folder, new or to be resumed
  std::string command;           ///< kept in recipe.json
  int threads = 1;               ///< of computation; recorded with the run
  bool is_terminal = false;
  std::optional<std::string> from_stage = {};  ///< done again, and all stages after it
};

/// How a run ended.
enum class RunEnd { finished, stopped, was_finished };

/// Runs all stages of a recipe, or goes on with what an earlier run left in the folder: stages that
/// are complete are skipped, one that was interrupted continues from its newest checkpoint, and the
/// files end with the bytes of an uninterrupted run. Stages whose settings, starting points or data
/// files changed since (`stage_hashes`) are done again. Checks the whole recipe before any training.
/// Throws `invalid_argument` for a wrong recipe, a folder of another recipe that would keep nothing
/// or one that another process uses; `status.json` says `failed` and why for errors after that.
RunEnd run_recipe(const Recipe& recipe, const RunOptions& options);

/// What a recipe would do: a line a stage, or for `--dry-run` also batches, model, memory, data and
/// the first prompt. Trains nothing, writes nothing. Throws like `run_recipe`.
std::string describe_run(const Recipe& recipe, bool in_detail);

/// The recipe of an existing run folder as it was resolved, and the threads it ran with.
struct StoredRun {
  Recipe recipe;
  int threads;
};
StoredRun read_stored_run(const std::filesystem::path& folder);

/// Whether `path` is a run folder.
bool is_run_folder(const std::filesystem::path& path);

}  // namespace reckon::recipes
