#include "cli/prompt_file.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "core/jsonl.h"
#include "tasks/messages.h"

namespace reckon::cli {

std::vector<PromptLine> read_prompt_file(const std::filesystem::path& path) {
  std::vector<PromptLine> lines;
  const auto add_line = [&](const nlohmann::json& value, uint64_t line) {
    const std::string place = fmt::format("{} line {}", path.string(), line);
    check(value.is_object(), ErrorCode::corrupt, "expected an object, got {}, in {}",
          json_summary(value), place);
    const char* key = value.contains("prompt") ? "prompt" : "messages";
    check(value.contains(key), ErrorCode::corrupt,
          "expected `prompt` or `messages`, got neither, in {}", place);
    if (value[key].is_string()) {
      lines.push_back({value[key].get<std::string>(), {}});
    } else {
      lines.push_back({"", tasks::read_messages(value[key], place + "/" + key)});
    }
  };
  for_each_jsonl(path, add_line, JsonlMode::strict);
  check(!lines.empty(), ErrorCode::invalid_argument, "expected prompts, got an empty file {}",
        path.string());
  return lines;
}

}  // namespace reckon::cli
