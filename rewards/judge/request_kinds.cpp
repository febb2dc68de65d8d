#include <array>

#include "rewards/judge/kind_handlers.h"
#include "rewards/judge/request_kind.h"

namespace reckon::rewards {

JudgeParts judge_parts() {
  static constexpr auto kKinds = std::to_array<RequestKind>({
      {"regex", grade_regex_request, nullptr},
  });
  return {kKinds, nullptr};
}

}  // namespace reckon::rewards
