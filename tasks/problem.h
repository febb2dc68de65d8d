#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/chat_message.h"

namespace reckon::tasks {

/// One thing that the model is asked. A value: copies share the immutable columns.
struct Problem {
  /// Place of the problem in what gave it: the data cursor for training problems, the place in the
  /// list for held-out ones. Addresses the random draws of its completions.
  uint32_t index = 0;
  /// Exact text that the policy goes on from; empty while only `messages` are known.
  std::string prompt;
  /// Everything a reward may need, by name; never null in a problem that a source gave.
  std::shared_ptr<const nlohmann::json> columns;
  /// Name of a class of problems that evaluations report apart; empty if the task has none.
  std::string difficulty;
  /// The conversation to answer, where the problem is one; whoever knows the model's chat format
  /// writes it into `prompt`.
  std::vector<ChatMessage> messages = {};
};

}  // namespace reckon::tasks
