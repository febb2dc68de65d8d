#include <algorithm>

#include "rewards/judge/request_kind.h"

namespace reckon::rewards {

const RequestKind* find_kind(std::span<const RequestKind> kinds, std::string_view name) {
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const RequestKind& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

}  // namespace reckon::rewards
