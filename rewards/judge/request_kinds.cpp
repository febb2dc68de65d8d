#include <array>

#include "rewards/judge/request_kind.h"

namespace reckon::rewards {

JudgeParts judge_parts() {
  static constexpr std::array<RequestKind, 0> kKinds{};
  return {kKinds, nullptr};
}

}  // namespace reckon::rewards
