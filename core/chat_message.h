#pragma once

#include <string>

namespace reckon {

/// One turn of a conversation. `role` is "system", "user" or "assistant", or another one that the
/// model's chat format knows.
struct ChatMessage {
  std::string role;
  std::string content;

  bool operator==(const ChatMessage&) const = default;
};

}  // namespace reckon
