#include <nlohmann/json.hpp>

#include "core/error.h"
#include "rewards/judge/kind_handlers.h"

namespace reckon::rewards {

Verdict grade_code_request(sandbox::Sandbox&, const nlohmann::json&) {
  fail(ErrorCode::unsupported,
       "expected a judge built with the grader of programs, got one without");
}

}  // namespace reckon::rewards
