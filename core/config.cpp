#include "core/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"

namespace reckon {
namespace {

// A default that is a long list would push the help text off the screen.
std::string short_default(const ConfigField& field) {
  constexpr size_t kMaxBytes = 24;
  if (field.default_value.size() <= kMaxBytes) return field.default_value;
  return field.default_value.substr(0, kMaxBytes - 3) + "...";
}

std::string help_and_bounds(const ConfigField& field) {
  return field.bounds.empty() ? field.help : fmt::format("{} ({})", field.help, field.bounds);
}

std::string table_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c == '\n' ? ' ' : c;
  }
  return cell;
}

}  // namespace

JsonValue::JsonValue() : JsonValue(nlohmann::json()) {}

JsonValue::JsonValue(const nlohmann::json& value)
    : value_(std::make_shared<const nlohmann::json>(value)) {}

void ConfigProblems::add(const std::string& file, const std::string& pointer,
                         std::string_view expected, std::string_view got) {
  add(fmt::format("expected {}, got {}, in {}{}{}", expected, got, file, pointer.empty() ? "" : " ",
                  pointer));
}

void ConfigProblems::add(std::string line) { lines_.push_back(std::move(line)); }

void ConfigProblems::throw_if_any() const {
  if (!empty()) fail(ErrorCode::invalid_argument, "{}", fmt::join(lines_, "\n"));
}

std::string config_help(const std::vector<ConfigField>& fields) {
  size_t name_width = 0;
  size_t type_width = 0;
  size_t default_width = 0;
  for (const ConfigField& field : fields) {
    name_width = std::max(name_width, field.name.size());
    type_width = std::max(type_width, field.type.size());
    default_width = std::max(default_width, short_default(field).size());
  }
  std::string text;
  for (const ConfigField& field : fields) {
    text += fmt::format("  {:<{}}  {:<{}}  {:<{}}  {}\n", field.name, name_width, field.type,
                        type_width, short_default(field), default_width, help_and_bounds(field));
  }
  return text;
}

std::string config_markdown(const std::vector<ConfigField>& fields) {
  std::string text = "| key | type | default | bounds | meaning |\n|---|---|---|---|---|\n";
  for (const ConfigField& field : fields) {
    text += fmt::format("| `{}` | {} | `{}` | {} | {} |\n", field.name, field.type,
                        table_cell(field.default_value), table_cell(field.bounds),
                        table_cell(field.help));
  }
  return text;
}

}  // namespace reckon
