#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/gguf/gguf_value.h"

/// Builds GGUF files byte by byte, good and bad ones.
namespace reckon::policy::tests {

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

template <class T>
std::string raw(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

inline std::string text(std::string_view value) {
  return raw<std::uint64_t>(value.size()) + std::string(value);
}

inline std::string value(GgufType type, const std::string& bytes) {
  return raw(static_cast<std::uint32_t>(type)) + bytes;
}

inline std::string list(GgufType type, std::uint64_t size, const std::string& bytes) {
  return value(GgufType::array, value(type, raw(size) + bytes));
}

/// An entry of the list of tensors; `sizes` in the file's order.
inline std::string tensor(std::string_view name, const std::vector<std::uint64_t>& sizes,
                          std::uint32_t type, std::uint64_t offset) {
  std::string entry = text(name) + raw(static_cast<std::uint32_t>(sizes.size()));
  for (const std::uint64_t size : sizes) entry += raw(size);
  return entry + raw(type) + raw(offset);
}

/// A file of these metadata entries and tensors with `data` zero bytes after the padding.
inline std::string file_with(const std::vector<std::string>& metadata,
                             const std::vector<std::string>& tensors = {}, std::size_t data = 0,
                             std::uint32_t version = 3) {
  std::string file = "GGUF" + raw(version) + raw<std::uint64_t>(tensors.size()) +
                     raw<std::uint64_t>(metadata.size());
  for (const std::string& entry : metadata) file += entry;
  for (const std::string& entry : tensors) file += entry;
  file.resize((file.size() + 31) / 32 * 32, '\0');
  return file + std::string(data, '\0');
}

}  // namespace reckon::policy::tests
