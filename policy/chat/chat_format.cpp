#include "policy/chat/chat_format.h"

#include <algorithm>

#include "core/error.h"
#include "policy/chat/named_formats.h"
#include "policy/chat/template.h"
#include "policy/chat/unicode_text.h"
#include "policy/tokenizer.h"

namespace reckon::policy {

struct ChatFormat::Definition {
  std::string name;
  std::string bos_token, eos_token;
  std::shared_ptr<const jinja::Template> chat_template;
  bool think_prefilled = false;
  std::vector<std::string> stop_tokens;
};

namespace {

using jinja::Value;

std::string run(const jinja::Template& chat_template, const std::string& bos_token,
                const std::string& eos_token, std::span<const ChatMessage> messages,
                bool add_generation_prompt, const ChatVariables& variables,
                const jinja::Limits& limits = {}) {
  jinja::Items list;
  for (const ChatMessage& message : messages) {
    list.push_back(Value::mapping(
        {{Value("role"), Value(message.role)}, {Value("content"), Value(message.content)}}));
  }
  std::vector<std::pair<std::string_view, Value>> all = {
      {"messages", Value::list(std::move(list))},
      {"tools", jinja::None{}},
      {"documents", jinja::None{}},
      {"add_generation_prompt", add_generation_prompt}};
  if (!bos_token.empty()) all.emplace_back("bos_token", Value(bos_token));
  if (!eos_token.empty()) all.emplace_back("eos_token", Value(eos_token));
  for (const auto& [name, value] : variables) {
    std::visit([&](const auto& plain) { all.emplace_back(name, Value(plain)); }, value);
  }
  return chat_template.render(std::move(all), limits);
}

std::string family(const std::string& source) {
  const auto has = [&](std::string_view text) { return source.find(text) != std::string::npos; };
  if (has("<|start_header_id|>")) return "llama3";
  if (has("<｜Assistant｜>")) return "deepseek-r1";
  // Qwen's templates are ChatML with tools.
  if (has("<|im_start|>")) return has("<tool_call>") || has("Qwen") ? "qwen" : "chatml";
  return "custom";
}

// What a template writes around a short conversation, or nothing where it takes none.
std::string probe(const jinja::Template& chat_template, const std::string& bos_token,
                  const std::string& eos_token, bool with_answer) {
  std::vector<ChatMessage> messages = {{"user", "question"}};
  if (with_answer) messages.push_back({"assistant", "@answer@"});
  const jinja::Limits limits{.steps = 1'000'000, .output_bytes = 1 << 20, .total_bytes = 16 << 20};
  try {
    return run(chat_template, bos_token, eos_token, messages, !with_answer, {}, limits);
  } catch (const Error&) {
    return {};  // rendering a real conversation will say why
  }
}

bool opens_thought(const std::string& prompt) {
  return jinja::strip_right(prompt).ends_with("<think>");
}

// The special token that stands behind an answer, if one does.
std::vector<std::string> find_stop_tokens(const std::string& text, const std::string& eos_token) {
  std::vector<std::string> tokens;
  const auto add = [&](std::string token) {
    const bool known = std::find(tokens.begin(), tokens.end(), token) != tokens.end();
    if (!token.empty() && !known) tokens.push_back(std::move(token));
  };
  constexpr std::string_view kAnswer = "@answer@";
  if (const auto at = text.find(kAnswer); at != std::string::npos) {
    const auto rest = jinja::strip_left(std::string_view(text).substr(at + kAnswer.size()));
    const auto end = rest.find('>');
    if (!eos_token.empty() && rest.starts_with(eos_token)) {
      add(eos_token);
    } else if (rest.starts_with('<') && end != std::string_view::npos) {
      add(std::string(rest.substr(0, end + 1)));
    }
  }
  add(eos_token);
  return tokens;
}

}  // namespace

ChatFormat::ChatFormat(std::shared_ptr<const Definition> definition)
    : definition_(std::move(definition)) {}

ChatFormat ChatFormat::from_template(std::string jinja, std::string bos_token,
                                     std::string eos_token) {
  auto parsed = std::make_shared<const jinja::Template>(jinja);
  const bool prefilled = opens_thought(probe(*parsed, bos_token, eos_token, false));
  auto stops = find_stop_tokens(probe(*parsed, bos_token, eos_token, true), eos_token);
  return ChatFormat(std::make_shared<const Definition>(
      Definition{family(jinja), std::move(bos_token), std::move(eos_token), std::move(parsed),
                 prefilled, std::move(stops)}));
}

ChatFormat ChatFormat::named(std::string_view name) {
  std::string known;
  for (const NamedFormat& format : named_formats()) {
    if (format.name == name) {
      const ChatFormat parsed = from_template(
          std::string(format.jinja), std::string(format.bos_token), std::string(format.eos_token));
      Definition definition = *parsed.definition_;
      definition.name = name;
      return ChatFormat(std::make_shared<const Definition>(std::move(definition)));
    }
    known += (known.empty() ? "" : ", ") + std::string(format.name);
  }
  fail(ErrorCode::invalid_argument, "expected a chat format of {}; got `{}`", known,
       name.substr(0, 60));
}

ChatFormat ChatFormat::for_tokenizer(const Tokenizer& tokenizer, std::string_view name) {
  if (!name.empty()) return named(name);
  if (tokenizer.chat_template().empty()) return named("plain");
  const auto text = [&](std::optional<std::int32_t> id) {
    return id ? tokenizer.token(*id) : std::string();
  };
  return from_template(tokenizer.chat_template(), text(tokenizer.bos_id()),
                       text(tokenizer.eos_id()));
}

std::string ChatFormat::render(std::span<const ChatMessage> messages, bool add_generation_prompt,
                               const ChatVariables& variables) const {
  return run(*definition_->chat_template, definition_->bos_token, definition_->eos_token, messages,
             add_generation_prompt, variables);
}

bool ChatFormat::think_prefilled() const { return definition_->think_prefilled; }

std::vector<std::string> ChatFormat::stop_tokens() const { return definition_->stop_tokens; }

const std::string& ChatFormat::name() const { return definition_->name; }

std::vector<std::int32_t> stop_token_ids(const ChatFormat& format, const Tokenizer& tokenizer) {
  std::vector<std::int32_t> ids;
  for (const std::string& token : format.stop_tokens()) {
    if (const auto id = tokenizer.token_id(token)) ids.push_back(*id);
  }
  return ids;
}

}  // namespace reckon::policy
