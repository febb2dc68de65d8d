#include <nlohmann/json.hpp>

#include "core/error.h"
#include "rewards/judge/kind_handlers.h"

namespace reckon::rewards {

Verdict grade_math_request(const nlohmann::json&) {
  fail(ErrorCode::unsupported, "expected a judge built with mathematics, got one without");
}

}  // namespace reckon::rewards
