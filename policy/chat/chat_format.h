#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/chat_message.h"

namespace reckon::policy {

class Tokenizer;

/// Further variables of a chat template by name, for example `enable_thinking`.
using ChatVariables = std::map<std::string, std::variant<bool, std::int64_t, std::string>>;

/// How a model wants a conversation written as text. Immutable, hence thread-safe; copies share the
/// parsed template.
class ChatFormat {
 public:
  /// The format of a Jinja chat template, run as transformers does. Templates are not trusted:
  /// depth, work and output are bounded. Throws Error(unsupported) that names construct and line.
  static ChatFormat from_template(std::string jinja, std::string bos_token, std::string eos_token);

  /// A format that comes with the program: "chatml", "llama3", "qwen", "deepseek-r1", "r1-zero", or
  /// "plain", which is the contents of the messages, one after the other. Throws
  /// Error(invalid_argument) that lists the names.
  static ChatFormat named(std::string_view name);

  /// The format `name`; if empty, the one of the tokenizer's chat template, or "plain" where it has
  /// none. Throws like the two above.
  static ChatFormat for_tokenizer(const Tokenizer& tokenizer, std::string_view name = {});

  /// The conversation as text. With `add_generation_prompt` it ends where the answer begins.
  /// Throws Error(invalid_argument) where the template refuses the conversation or runs out of
  /// bounds.
  std::string render(std::span<const ChatMessage> messages, bool add_generation_prompt,
                     const ChatVariables& variables = {}) const;

  /// Whether the generation prompt itself opens `<think>`, so that completions begin inside it.
  bool think_prefilled() const;

  /// Texts of the tokens that end an answer, for example `<|im_end|>`; empty where the format has
  /// none of its own. A tokenizer need not know all of them.
  std::vector<std::string> stop_tokens() const;

  /// The name of the format, of its family for a template ("chatml", "llama3", "qwen",
  /// "deepseek-r1"), or "custom".
  const std::string& name() const;

 private:
  struct Definition;
  explicit ChatFormat(std::shared_ptr<const Definition> definition);

  std::shared_ptr<const Definition> definition_;
};

/// The ids of `format.stop_tokens()` that are single tokens of `tokenizer`, in that order.
std::vector<std::int32_t> stop_token_ids(const ChatFormat& format, const Tokenizer& tokenizer);

}  // namespace reckon::policy
