#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reckon::policy::jinja {

/// Texts as Python sees them: sequences of characters, not of bytes. A byte that is not UTF-8
/// counts as one character. All functions are thread-safe and never throw.

/// Appends one character.
void append_utf8(std::string& text, char32_t character);

/// Where each character begins, and the size of the text at the end.
std::vector<std::size_t> character_starts(std::string_view text);

/// Number of characters.
std::size_t character_count(std::string_view text);

/// Whether Python's str.isspace holds for the character.
bool is_python_space(char32_t character);

/// Without the characters of `set`, or white space if it is empty, at one end.
std::string_view strip_left(std::string_view text, std::string_view set = {});
std::string_view strip_right(std::string_view text, std::string_view set = {});

/// Which letters a text is rewritten with.
enum class LetterCase { upper, lower, capitalize, title };

/// The text in another case, character by character.
std::string with_case(std::string_view text, LetterCase wanted);

}  // namespace reckon::policy::jinja
