#include "rewards/code/text_compare.h"

#include <doctest/doctest.h>

#include <string>

namespace reckon::rewards::code {

namespace {

bool same(TextRule rule, std::string_view expected, std::string_view actual) {
  return same_text(expected, actual, {rule});
}

}  // namespace

TEST_CASE("exact: bytes count, but for CRLF and one final newline") {
  CHECK(same(TextRule::exact, "a\nb\n", "a\nb"));
  CHECK(same(TextRule::exact, "a\nb\n", "a\r\nb\r\n"));
  CHECK_FALSE(same(TextRule::exact, "a\nb\n", "a\nb\n\n"));
  CHECK_FALSE(same(TextRule::exact, "a b", "a b "));
  CHECK_FALSE(same(TextRule::exact, "a", ""));
  CHECK_FALSE(same(TextRule::exact, "a", "a\r"));
}

TEST_CASE("lines: blanks at the ends of lines and empty lines at the end do not count") {
  CHECK(same(TextRule::lines, "1 2 \n3\n", "1 2\n3  \n\n \n"));
  CHECK(same(TextRule::lines, "1\r\n2\r\n", "1\n2"));
  CHECK(same(TextRule::lines, "\n1\n", "\n1"));
  CHECK_FALSE(same(TextRule::lines, "1\n2\n3\n", "1\n2\n"));
  CHECK_FALSE(same(TextRule::lines, "1\n2\n", "1\n2\n3\n"));
  CHECK_FALSE(same(TextRule::lines, "1\n2\n", ""));
  CHECK_FALSE(same(TextRule::lines, "1\n2\n", "1 2"));
  CHECK_FALSE(same(TextRule::lines, "1\n", "\n1\n"));
  CHECK_FALSE(same(TextRule::lines, "1 2", "1  2"));
  CHECK_FALSE(same(TextRule::lines, "1", " 1"));
  CHECK_FALSE(same(TextRule::lines, "1\n\n2", "1\n2"));
}

TEST_CASE("lines: bytes that are no UTF-8 are compared as they are") {
  CHECK(same(TextRule::lines, "\xff\xfe", "\xff\xfe\n"));
  CHECK_FALSE(same(TextRule::lines, "\xff", "\xfe"));
  CHECK_FALSE(same(TextRule::lines, "\xff", "\xef\xbf\xbd"));
}

TEST_CASE("tokens: only the runs between blanks count, and all of them") {
  CHECK(same(TextRule::tokens, "1 2\n3", "  1\t2 3\n"));
  CHECK_FALSE(same(TextRule::tokens, "1 2 3", "1 2"));
  CHECK_FALSE(same(TextRule::tokens, "1 2", "1 2 3"));
  CHECK_FALSE(same(TextRule::tokens, "12", "1 2"));
  CHECK_FALSE(same(TextRule::tokens, "1", "1.0"));
}

TEST_CASE("float: numbers within the tolerance, everything else byte by byte") {
  CHECK(same(TextRule::near, "0.5 yes", "0.5000001 yes"));
  CHECK(same(TextRule::near, "1000000.0", "1000000.5"));
  CHECK(same(TextRule::near, "3", "3.0"));
  CHECK(same(TextRule::near, "1e3", "1000"));
  CHECK_FALSE(same(TextRule::near, "0.5", "0.51"));
  CHECK_FALSE(same(TextRule::near, "0.5 yes", "0.5 no"));
  CHECK_FALSE(same(TextRule::near, "0.5 0.5", "0.5"));
  CHECK(same_text("2.0", "2.4", {TextRule::near, 0.5, 0.0}));
}

TEST_CASE("float: nan, inf, hexadecimal, underscores and endless digits match no number") {
  for (const char* text : {"nan", "NaN", "inf", "-inf", "infinity", "0x6", "6_0", "", "6.0f",
                           "1e999", "--6", "+-6", "6,0", "e", "."}) {
    CAPTURE(text);
    CHECK_FALSE(same(TextRule::near, "6", text));
  }
  CHECK_FALSE(same(TextRule::near, "6", "6." + std::string(500, '0')));
  CHECK(same(TextRule::near, "6", "6." + std::string(300, '0')));
}

}  // namespace reckon::rewards::code
