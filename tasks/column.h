#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace reckon::tasks {

/// A row of a data set and where it stands, for messages. Both must outlive it.
struct Row {
  const nlohmann::json& value;
  const std::filesystem::path& path;
  uint64_t line = 0;
};

/// The column `name` of a row, or null if it has none. A name that begins with `/` is a JSON
/// pointer into the row, for data sets that nest their columns. Throws `corrupt` that names file
/// and line if the row is not an object.
const nlohmann::json* find_column(const Row& row, const std::string& name);

/// The text of a column. Throws `corrupt` that names file and line if it is missing or not text.
std::string text_column(const Row& row, const std::string& name);

}  // namespace reckon::tasks
