#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/chat_message.h"

namespace reckon::cli {

/// A prompt as text, or the messages of a conversation to be written in the model's chat format.
struct PromptLine {
  std::string text;
  std::vector<ChatMessage> messages;  ///< empty for a text
};

/// Reads JSON lines of `{"prompt": TEXT}`, `{"prompt": MESSAGES}` or `{"messages": MESSAGES}`.
/// Throws `not_found` and `corrupt` that names file and line.
std::vector<PromptLine> read_prompt_file(const std::filesystem::path& path);

}  // namespace reckon::cli
