#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/error.h"

namespace reckon::rewards {

/// `{"error": {"code", "message"}}`: the answer to a request that cannot be served.
nlohmann::json error_json(const Error& error);

/// Throws the Error that `answer` carries, if it carries one.
void throw_if_error(const nlohmann::json& answer);

}  // namespace reckon::rewards
