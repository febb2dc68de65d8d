#pragma once

#include <nlohmann/json_fwd.hpp>

#include "rewards/verdict.h"

namespace reckon::rewards {

/// `{"score", "reason", "extracted", "gold", "detail"}`; `score` is null where there is none.
nlohmann::json verdict_json(const Verdict& verdict);

/// The verdict that `verdict_json` wrote. Throws Error(corrupt) for anything else.
Verdict read_verdict(const nlohmann::json& value);

}  // namespace reckon::rewards
