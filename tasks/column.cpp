#include "tasks/column.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"

namespace reckon::tasks {

const nlohmann::json* find_column(const Row& row, const std::string& name) {
  check(row.value.is_object(), ErrorCode::corrupt, "expected an object, got {}, in {} line {}",
        json_summary(row.value), row.path.string(), row.line);
  if (!name.starts_with('/')) {
    const auto found = row.value.find(name);
    return found == row.value.end() ? nullptr : &*found;
  }
  const nlohmann::json* value = &row.value;
  for (size_t at = 0; at < name.size();) {
    const size_t end = std::min(name.find('/', at + 1), name.size());
    if (!value->is_object()) return nullptr;
    const auto found = value->find(name.substr(at + 1, end - at - 1));
    if (found == value->end()) return nullptr;
    value = &*found;
    at = end;
  }
  return value;
}

std::string text_column(const Row& row, const std::string& name) {
  const nlohmann::json* value = find_column(row, name);
  check(value != nullptr && value->is_string(), ErrorCode::corrupt,
        "expected text in column `{}`, got {}, in {} line {}", name,
        value == nullptr ? "no such column" : json_summary(*value), row.path.string(), row.line);
  return value->get<std::string>();
}

}  // namespace reckon::tasks
