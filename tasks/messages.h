#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/chat_message.h"

namespace reckon::tasks {

/// Reads a list of `{"role": TEXT, "content": TEXT}`, not empty; other members are left out. Throws
/// `corrupt` that names `place`. Thread-safe.
std::vector<ChatMessage> read_messages(const nlohmann::json& value, const std::string& place);

}  // namespace reckon::tasks
