#include "tasks/column.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"

namespace reckon::tasks {

namespace {

// The member of an object, or the item of a list by its number; null if there is none.
const nlohmann::json* find_member(const nlohmann::json& value, const std::string& name) {
  if (value.is_object()) {
    const auto found = value.find(name);
    return found == value.end() ? nullptr : &*found;
  }
  const bool number = !name.empty() && name.size() <= 9 &&
                      name.find_first_not_of("0123456789") == std::string::npos;
  if (!value.is_array() || !number) return nullptr;
  const auto index = static_cast<size_t>(std::stoul(name));
  return index < value.size() ? &value[index] : nullptr;
}

}  // namespace

const nlohmann::json* find_column(const Row& row, const std::string& name) {
  check(row.value.is_object(), ErrorCode::corrupt, "expected an object, got {}, in {} line {}",
        json_summary(row.value), row.path.string(), row.line);
  if (!name.starts_with('/')) return find_member(row.value, name);
  const nlohmann::json* value = &row.value;
  for (size_t at = 0; at < name.size();) {
    const size_t end = std::min(name.find('/', at + 1), name.size());
    value = find_member(*value, name.substr(at + 1, end - at - 1));
    if (value == nullptr) return nullptr;
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
