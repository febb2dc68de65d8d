#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace reckon::tasks {

/// The class by `column` of a problem with these columns (an object): a text as it is, other values
/// as JSON; none where the problem lacks the column or it is null. Where no column is called
/// `difficulty`, that is the difficulty of the problem.
std::optional<std::string> class_of(const nlohmann::json& columns, const std::string& difficulty,
                                    const std::string& column);

}  // namespace reckon::tasks
