#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace reckon::rewards {

/// Parses a line that a grader of the user's wrote. Reads `NaN`, `Infinity` and `-Infinity`, which
/// Python writes though they are no JSON, as texts. Nothing if it is no object.
std::optional<nlohmann::json> parse_external_line(std::string_view line);

/// Brings the reply to a request with `completions` completions into the form of the judge:
/// `{"rewards": [number or null], "reasons": [text], "log": {}, "failed": bool}`. What is wrong
/// becomes null with a reason; `failed` says that the whole reply was wrong.
nlohmann::json external_answer(const nlohmann::json& reply, size_t completions);

/// The same form with no reward at all, for `reason`.
nlohmann::json no_external_answer(const std::string& reason, size_t completions);

}  // namespace reckon::rewards
