#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace reckon {

/// Parses one JSON value that fills `text`. Stricter than the library's own parser: nesting deeper
/// than 512 levels and a key that stands twice in one object are errors too. With `comments`, `//`
/// and `/* */` comments are skipped. Throws Error(corrupt) that names `name`, line and column (both
/// from 1, columns in bytes); `first_line` is the number of the first line of `text`.
/// All functions of this header are thread-safe.
nlohmann::json parse_json_text(std::string_view text, const std::string& name,
                               bool comments = false, uint64_t first_line = 1);

/// Parses the file at `path` with `parse_json_text`. Throws Error(not_found) for a missing file and
/// Error(io) for one that cannot be read.
nlohmann::json read_json_file(const std::filesystem::path& path, bool comments = false);

/// Text of `value`, on one line if `indent` is negative. Never throws on its content: bytes that
/// are not UTF-8 become U+FFFD, NaN and infinity become null.
std::string json_text(const nlohmann::json& value, int indent = -1);

/// `value` in at most about 60 bytes, for messages: a scalar as JSON, else "a list of 3 items",
/// "an object".
std::string json_summary(const nlohmann::json& value);

/// The JSON pointer (RFC 6901) of member `key` of the object at `parent`; the document is "".
std::string json_pointer(const std::string& parent, std::string_view key);

/// The JSON pointer of item `index` of the list at `parent`.
std::string json_pointer(const std::string& parent, size_t index);

}  // namespace reckon
