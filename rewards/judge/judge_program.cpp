#include "rewards/judge/judge_program.h"

#include <system_error>

#include "core/error.h"

namespace reckon::rewards {

std::filesystem::path judge_program(const JudgeOptions& options) {
  if (!options.program.empty()) return options.program;
  constexpr const char* kName = "reckon-judge";
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto beside = own.parent_path() / kName;
  if (std::filesystem::exists(beside, error)) return beside;
  const auto built = std::filesystem::path(RECKON_JUDGE_FOLDER) / kName;
  check(std::filesystem::exists(built, error), ErrorCode::not_found,
        "expected the program {}, found neither {} nor {}", kName, beside.string(), built.string());
  return built;
}

}  // namespace reckon::rewards
