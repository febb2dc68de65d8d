#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reckon {

/// One step through a text: the character there and the bytes it takes. A byte that is not part of
/// well-formed UTF-8 counts as a step of one byte with `valid` false.
struct Utf8Step {
  char32_t character = 0;
  std::size_t size = 1;
  bool valid = false;
};

/// Reads the character at byte `at` of `text`, which must be below text.size(). Overlong forms,
/// surrogates and values above U+10FFFF are not valid. Thread-safe, never throws.
inline Utf8Step read_utf8(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1, true};
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() - at < size) return {};
  char32_t character = first & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u) return {};
    character = (character << 6) | (byte(i) & 0x3Fu);
  }
  const bool overlong = (size == 3 && character < 0x800) || (size == 4 && character < 0x10000);
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  if (overlong || surrogate || character > 0x10FFFF) return {};
  return {character, size, true};
}

/// Whether all of `text` is well-formed UTF-8. Thread-safe.
inline bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text, at);
    if (!step.valid) return false;
    at += step.size;
  }
  return true;
}

/// The bytes of the ill-formed part that begins at byte `at`, where `read_utf8` found no character:
/// as many as could begin one (a cut character), else 1. Never 0. Thread-safe.
inline std::size_t invalid_utf8_size(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0xC2 || first > 0xF4) return 1;
  const std::size_t whole = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  // Only the second byte has limits of its own: against overlong forms, surrogates, large values.
  unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  std::size_t size = 1;
  while (size < whole && at + size < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at + size]);
    if (byte < low || byte > high) break;
    low = 0x80;
    high = 0xBF;
    ++size;
  }
  return size;
}

/// The number of bytes at the end of `text`, 0 to 3, that begin a character which is not complete.
/// Thread-safe.
inline std::size_t cut_utf8_size(std::string_view text) {
  for (std::size_t size = 1; size <= 3 && size <= text.size(); ++size) {
    const std::size_t at = text.size() - size;
    if ((static_cast<unsigned char>(text[at]) & 0xC0u) == 0x80u) continue;
    const bool begins = static_cast<unsigned char>(text[at]) >= 0xC2 &&
                        static_cast<unsigned char>(text[at]) <= 0xF4;
    const bool cut = begins && !read_utf8(text, at).valid && invalid_utf8_size(text, at) == size;
    return cut ? size : 0;
  }
  return 0;
}

/// `text` with each maximal ill-formed part replaced by one U+FFFD, as Unicode recommends and
/// Python's errors="replace" does. Adds the number of replaced parts to `*replaced`. Thread-safe.
inline std::string replace_invalid_utf8(std::string_view text, std::size_t* replaced = nullptr) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text, at);
    if (step.valid) {
      result += text.substr(at, step.size);
      at += step.size;
      continue;
    }
    result += "\xEF\xBF\xBD";
    at += invalid_utf8_size(text, at);
    if (replaced != nullptr) ++*replaced;
  }
  return result;
}

/// Whether Unicode calls `character` white space (property White_Space). Thread-safe.
inline bool is_white_space(char32_t character) {
  return (character >= 0x09 && character <= 0x0D) || character == 0x20 || character == 0x85 ||
         character == 0xA0 || character == 0x1680 || (character >= 0x2000 && character <= 0x200A) ||
         character == 0x2028 || character == 0x2029 || character == 0x202F || character == 0x205F ||
         character == 0x3000;
}

}  // namespace reckon
