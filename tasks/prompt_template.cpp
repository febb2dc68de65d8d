#include "tasks/prompt_template.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"

namespace reckon::tasks {

std::string fill_prompt(const std::string& form, const Row& row) {
  std::string text;
  for (size_t at = 0; at < form.size(); ++at) {
    const char c = form[at];
    if (c != '{' && c != '}') {
      text += c;
      continue;
    }
    if (at + 1 < form.size() && form[at + 1] == c) {
      text += c;
      ++at;
      continue;
    }
    const size_t end = c == '{' ? form.find('}', at) : std::string::npos;
    check(end != std::string::npos, ErrorCode::invalid_argument,
          "expected {{column}} (or a doubled brace for the brace itself), got a single {} at byte "
          "{}, in prompt_template",
          c, at);
    const std::string name = form.substr(at + 1, end - at - 1);
    const nlohmann::json* value = find_column(row, name);
    check(value != nullptr, ErrorCode::corrupt,
          "expected a column `{}` for prompt_template, got none, in {} line {}", name,
          row.path.string(), row.line);
    text += value->is_string() ? value->get<std::string>() : json_text(*value);
    at = end;
  }
  return text;
}

}  // namespace reckon::tasks
