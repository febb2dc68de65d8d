#include <array>

#include "rewards/judge/kind_handlers.h"
#include "rewards/judge/request_kind.h"

namespace reckon::rewards {

JudgeParts judge_parts() {
  static constexpr auto kKinds = std::to_array<RequestKind>({
      {"math", grade_math_request, nullptr},
      {"regex", grade_regex_request, nullptr},
      {"code", nullptr, grade_code_request},
  });
  return {kKinds, sandbox::make_sandbox};
}

}  // namespace reckon::rewards
