#include "tasks/messages.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"

namespace reckon::tasks {

namespace {

const std::string& text_member(const nlohmann::json& message, const char* key,
                               const std::string& place) {
  const auto found = message.find(key);
  check(found != message.end() && found->is_string(), ErrorCode::corrupt,
        "expected text in `{}`, got {}, in {}", key,
        found == message.end() ? "no such member" : json_summary(*found), place);
  return found->get_ref<const std::string&>();
}

}  // namespace

std::vector<ChatMessage> read_messages(const nlohmann::json& value, const std::string& place) {
  check(value.is_array() && !value.empty(), ErrorCode::corrupt,
        "expected a list of messages, got {}, in {}", json_summary(value), place);
  std::vector<ChatMessage> messages;
  for (const nlohmann::json& message : value) {
    const std::string here = json_pointer(place, messages.size());
    check(message.is_object(), ErrorCode::corrupt,
          "expected a message {{role, content}}, got {}, in {}", json_summary(message), here);
    messages.push_back({text_member(message, "role", here), text_member(message, "content", here)});
  }
  return messages;
}

}  // namespace reckon::tasks
