#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rewards/code/value.h"
#include "sandbox/sandbox.h"

namespace reckon::rewards::code {

/// A file of rewards/code/runner/, as it was when the program was built. Throws `internal` for an
/// unknown name. The view is valid for the life of the program.
std::string_view runner_file(std::string_view name);

/// The file that holds the runner `name` with what all runners share, for a box.
sandbox::File runner_program(std::string_view name);

/// A run of the runner in a box that holds its file. The job goes in by standard input: the token
/// that the frame of the run must carry, then `parts`.
struct RunnerJob {
  std::string token;  ///< 32 hexadecimal digits
  sandbox::Run run;
};
RunnerJob runner_job(const std::vector<std::string_view>& parts, const sandbox::Limits& limits);

/// The JSON in the one frame that `bytes` must be: "RKN1", the token, length, JSON, and nothing
/// behind. Nothing if it is anything else. `bytes` are untrusted.
std::optional<JsonTree> read_frame(std::string_view bytes, std::string_view token);

/// Most bytes that a runner may write to descriptor 3.
inline constexpr int64_t kMostFrameBytes = (int64_t{1} << 20) + 4096;

}  // namespace reckon::rewards::code
