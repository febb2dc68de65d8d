#pragma once

#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "tasks/task.h"

namespace reckon::tasks {

/// The member `kind` of a configuration object. Throws `invalid_argument` if it is not one of
/// `kinds`, or `config` is not an object.
std::string read_kind(const nlohmann::json& config, const SourceContext& context,
                      std::initializer_list<std::string_view> kinds);

}  // namespace reckon::tasks
