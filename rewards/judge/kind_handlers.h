#pragma once

#include <nlohmann/json_fwd.hpp>

#include "rewards/verdict.h"
#include "sandbox/sandbox.h"

namespace reckon::rewards {

/// `{"completion" or "answer", "gold", "options": {...}}`: exact mathematics.
Verdict grade_math_request(const nlohmann::json& request);

/// `{"completion", "pattern", "gold"}`: a regular expression of the user's.
Verdict grade_regex_request(const nlohmann::json& request);

/// `{"completion" or "answer", "columns", options}`: a program and its tests.
Verdict grade_code_request(sandbox::Sandbox& sandbox, const nlohmann::json& request);

}  // namespace reckon::rewards
