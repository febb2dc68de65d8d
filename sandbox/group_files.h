#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace reckon::sandbox {

/// Writes a control file in one call. False if the kernel refuses.
bool write_control(const std::filesystem::path& file, std::string_view text);
/// A control file's text; empty if it cannot be read.
std::string read_control(const std::filesystem::path& file);
/// The number in a control file, or after `key` and a blank in a line of it; `otherwise` if none.
int64_t control_number(const std::filesystem::path& file, std::string_view key = {},
                       int64_t otherwise = 0);
/// Name of the group of one slot of this process: it says whose it is, so that another process can
/// tell when its owner is dead.
std::string group_name(int slot);
/// Removes the empty groups in `folder` whose owners are dead.
void remove_stale_groups(const std::filesystem::path& folder);
/// Removes one group, waiting a bounded time for the kernel to let go of it.
bool remove_group(const std::filesystem::path& folder);

}  // namespace reckon::sandbox
