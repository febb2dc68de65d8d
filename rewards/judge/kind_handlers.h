#pragma once

#include <nlohmann/json_fwd.hpp>

#include "rewards/verdict.h"

namespace reckon::rewards {

/// `{"completion" or "answer", "gold", "options": {...}}`: exact mathematics.
Verdict grade_math_request(const nlohmann::json& request);

/// `{"completion", "pattern", "gold"}`: a regular expression of the user's.
Verdict grade_regex_request(const nlohmann::json& request);

}  // namespace reckon::rewards
