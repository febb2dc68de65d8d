#pragma once

#include <filesystem>

#include "rewards/judge/judge_client.h"

namespace reckon::rewards {

/// Path of the judge's program: that of the options, else `reckon-judge` beside the running
/// program, else where it was built. Throws Error(not_found) that names the places.
std::filesystem::path judge_program(const JudgeOptions& options);

}  // namespace reckon::rewards
