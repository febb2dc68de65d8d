#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "watch/run_folder.h"

namespace reckon::watch {

/// The steps by which `read_run_folder` fills a RunFolder whose `path` is set. What a file lacks or
/// breaks goes into `notes`; none of them throws on a file's content.

/// Who the run is and its stages, from recipe.json.
void read_identity(RunFolder& run);

/// `status`, from status.json.
void read_status(RunFolder& run);

/// Calls `callback` for each object of the JSON lines file `name`, up to its first broken line.
/// `meaning` says what a missing file means.
void read_lines(RunFolder& run, const char* name, const char* meaning,
                const std::function<void(const nlohmann::json&)>& callback);

/// Appends what evals.jsonl holds to `evaluations`.
void read_evaluations(RunFolder& run);

/// Gives every stage its last step and its place on the axis, adds stages that only the metrics
/// name, and makes the columns of metrics equally long.
void place_stages(RunFolder& run);

/// The folder's own name, also for "." and "runs/".
std::string folder_label(const std::filesystem::path& folder);

}  // namespace reckon::watch
