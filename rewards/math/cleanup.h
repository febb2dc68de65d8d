#pragma once

#include <string_view>

namespace reckon::rewards::math {

/// The clean-up of 2.3, of a text that went through `as_latex`: outer dollars, \( \), \[ \], **,
/// one nested box, a trailing stop or comma; and what follows \approx is cut. A view into `text`.
std::string_view clean_answer(std::string_view text);

/// `text` without blanks at its ends.
std::string_view trim_blanks(std::string_view text);

/// `text` without straight quotes around it, if it holds no words: words in quotes stay words.
std::string_view without_quotes(std::string_view text);

/// What stands in the braces of `\name{...}`, if that is the whole text and `\name` is a command
/// that sets a text, such as \text or \textbf; else nothing.
std::string_view whole_text_argument(std::string_view text);

/// Where the group that begins at the brace `open` ends: the place of its closing brace, or npos.
/// `\{` and `\}` do not count.
size_t closing_brace(std::string_view text, size_t open);

}  // namespace reckon::rewards::math
