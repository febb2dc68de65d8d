#pragma once

#include <algorithm>
#include <string_view>

namespace reckon {

/// What separates words, unless someone says otherwise.
inline constexpr std::string_view kBlanks = " \t\r\n";

/// `text` without the characters of `blanks` at both ends.
inline std::string_view trim(std::string_view text, std::string_view blanks = kBlanks) {
  const size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// Takes the first word off `text`, with the blanks before it; empty if there is none.
inline std::string_view next_word(std::string_view& text) {
  const size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  const size_t end = std::min(text.find_first_of(kBlanks, begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

}  // namespace reckon
