#include "tasks/problem_class.h"

#include <nlohmann/json.hpp>

#include "core/json.h"

namespace reckon::tasks {

std::optional<std::string> class_of(const nlohmann::json& columns, const std::string& difficulty,
                                    const std::string& column) {
  const auto found = columns.find(column);
  if (found != columns.end()) {
    if (found->is_null()) return std::nullopt;
    return found->is_string() ? found->get<std::string>() : json_text(*found);
  }
  if (column == "difficulty" && !difficulty.empty()) return difficulty;
  return std::nullopt;
}

}  // namespace reckon::tasks
