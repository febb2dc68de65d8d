#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reckon::watch {

/// What a terminal can draw.
enum class Characters { unicode, ascii };

/// A piece of text that is not broken, and the columns it takes: at least one.
struct Glyph {
  std::string text;
  int columns = 1;
};

/// Untrusted `text` as a terminal may show it: nothing in it is an order to the terminal or changes
/// the direction of writing. Control characters, invisible ones, bytes that are no UTF-8, and with
/// `ascii` all others beyond it appear as escapes such as `\n`, `\x1b` or `\u{202e}`. Thread-safe.
std::vector<Glyph> terminal_glyphs(std::string_view text, Characters characters);

/// Columns of all `terminal_glyphs`.
int text_columns(std::string_view text, Characters characters);

/// `terminal_glyphs` in lines of at most `columns` columns, broken at blanks where there are some.
/// At most `most_lines` lines (0: all of them); a mark at the end says that something was left out.
std::vector<std::string> wrap_text(std::string_view text, int columns, size_t most_lines,
                                   Characters characters);

/// The one line of `wrap_text`; empty for an empty text.
std::string fit_text(std::string_view text, int columns, Characters characters);

/// One block a value, from the lowest to the highest of them; a value that is not finite leaves a
/// gap. Values that are all equal stand in the middle.
std::string sparkline(const std::vector<double>& values, Characters characters);

}  // namespace reckon::watch
