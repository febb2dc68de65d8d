#include "watch/terminal_text.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace reckon;
using namespace reckon::watch;

namespace {

constexpr auto kUnicode = Characters::unicode;
constexpr auto kAscii = Characters::ascii;

std::string shown(std::string_view text, Characters characters = kUnicode) {
  std::string result;
  for (const Glyph& glyph : terminal_glyphs(text, characters)) result += glyph.text;
  return result;
}

}  // namespace

TEST_CASE("What a terminal could obey is shown as an escape") {
  CHECK(shown("a\nb\r\tc") == "a\\nb\\r\\tc");
  CHECK(shown("\x1b[2J\x07\x7f") == "\\x1b[2J\\x07\\x7f");
  CHECK(shown(std::string_view("\0", 1)) == "\\x00");
  CHECK(shown("\u009b31m") == "\\u{9b}31m");                 // the one-character form of ESC [
  CHECK(shown("a\u202eb\u2066") == "a\\u{202e}b\\u{2066}");  // direction of writing
  CHECK(shown("\u200b\u2028\ufeff") == "\\u{200b}\\u{2028}\\u{feff}");
  CHECK(shown("\xff\xc3(") == "\\xff\\xc3(");
  CHECK(shown("잠깐 é \"<b>\"") == "잠깐 é \"<b>\"");
}

TEST_CASE("Without Unicode nothing but ASCII is shown") {
  CHECK(shown("é잠", kAscii) == "\\u{e9}\\u{c7a0}");
  for (const char letter : sparkline({1.0, 2.0, 3.0}, kAscii)) CHECK(letter < 0x7f);
  for (const char letter : fit_text("é and more", 8, kAscii)) CHECK(letter > 0);
}

TEST_CASE("Wide characters take two columns, marks none, and marks do not pile up") {
  CHECK(text_columns("잠깐", kUnicode) == 4);
  CHECK(text_columns("e\u0301", kUnicode) == 1);
  CHECK(shown("e\u0301\u0301\u0301") == "e\u0301\u0301\\u{301}");
  CHECK(shown("\u0301") == "\\u{301}");
  // Nor does a mark stand on an escape, where it would change how that reads.
  CHECK(shown("\n\u0301") == "\\n\\u{301}");
}

TEST_CASE("Lines break at blanks, and inside of words that are too long") {
  using Texts = std::vector<std::string>;
  CHECK(wrap_text("one two three", 8, 0, kUnicode) == Texts{"one two", "three"});
  CHECK(wrap_text("one two", 3, 0, kUnicode) == Texts{"one", "two"});
  CHECK(wrap_text("abcdefg", 3, 0, kUnicode) == Texts{"abc", "def", "g"});
  CHECK(wrap_text("잠깐만", 5, 0, kUnicode) == Texts{"잠깐", "만"});
  CHECK(wrap_text("one two three", 8, 1, kUnicode) == Texts{"one two…"});
  CHECK(wrap_text("one two three", 8, 1, kAscii) == Texts{"one t..."});
  CHECK(wrap_text("one two", 7, 1, kUnicode) == Texts{"one two"});
  CHECK(wrap_text("", 7, 0, kUnicode).empty());
  CHECK(wrap_text("잠a", 1, 0, kUnicode) == Texts{"?", "a"});
  CHECK(fit_text("one two", 0, kAscii).size() == 1);
}

TEST_CASE("A sparkline goes from the lowest to the highest value") {
  CHECK(sparkline({0, 1, 2, 3, 4, 5, 6, 7}, kUnicode) == "▁▂▃▄▅▆▇█");
  CHECK(sparkline({7, 0}, kAscii) == "@.");
  CHECK(sparkline({2, 2}, kUnicode) == "▅▅");
  const double none = std::numeric_limits<double>::quiet_NaN();
  const double largest = std::numeric_limits<double>::max();
  CHECK(sparkline({1, none, INFINITY, 2}, kUnicode) == "▁  █");
  CHECK(sparkline({-largest, 0, largest}, kUnicode) == "▁▅█");
  CHECK(sparkline({none}, kUnicode) == " ");
  CHECK(sparkline({}, kUnicode).empty());
}
