#pragma once

#include <filesystem>
#include <string>

namespace reckon::sandbox {

/// Where reckon-init is: `asked` if not empty, else beside the running program, else where it was
/// built. Throws Error(not_found) that names the places.
std::filesystem::path find_init_program(const std::filesystem::path& asked);
/// Whether any user of this machine can run the program at `path`: a box's identity must.
bool is_public(const std::filesystem::path& path);
/// Its bytes: the box gets a copy, so that an unreadable folder on the way does not matter.
std::string init_program_bytes(const std::filesystem::path& asked);

}  // namespace reckon::sandbox
