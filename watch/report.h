#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "watch/run_folder.h"

namespace reckon::watch {

/// Writes one self-contained HTML page about the runs that needs no network. Several
/// runs are laid over each other. Damaged or missing files are named in the page. The page
/// replaces `output` atomically. Throws `invalid_argument` for an empty list,
/// `io` where the page cannot be written.
void write_report(const std::vector<RunFolder>& runs, const std::filesystem::path& output);

/// The page around `data`, an object with the array `runs` made by `report_data`,
/// and perhaps `recipes` and `published_cost`. Text from the
/// run stays data: nothing in it can become markup.
std::string render_page(const nlohmann::json& data);

}  // namespace reckon::watch
