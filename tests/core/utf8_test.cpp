#include "core/utf8.h"

#include <doctest/doctest.h>

namespace reckon {
namespace {

const std::string kMark = "\xEF\xBF\xBD";

std::string repeated_mark(int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += kMark;
  return result;
}

TEST_CASE("utf8: each maximal ill-formed part becomes one replacement character") {
  const auto check_marks = [](const std::string& bytes, int count) {
    CAPTURE(bytes);
    std::size_t replaced = 0;
    CHECK(replace_invalid_utf8("<" + bytes + ">", &replaced) == "<" + repeated_mark(count) + ">");
    CHECK(replaced == static_cast<std::size_t>(count));
  };
  check_marks("", 0);
  check_marks("\xff", 1);
  check_marks("\x80\x80", 2);
  check_marks("\xc0\xaf", 2);              // overlong
  check_marks("\xe0\x80\xaf", 3);          // overlong
  check_marks("\xed\xa0\x80", 3);          // a surrogate
  check_marks("\xf4\x90\x80\x80", 4);      // above U+10FFFF
  check_marks("\xf0\x9f\x98", 1);          // a cut character
  check_marks("\xe2\x82", 1);              // a cut character
  check_marks("\xf0\x9f\xe2\x82\xc3", 3);  // three cut characters
}

TEST_CASE("utf8: bytes at the end that may become a character are counted") {
  CHECK(cut_utf8_size("") == 0);
  CHECK(cut_utf8_size("abc") == 0);
  CHECK(cut_utf8_size("\xc3\xa9") == 0);
  CHECK(cut_utf8_size("a\xc3") == 1);
  CHECK(cut_utf8_size("a\xf0\x9f\x98") == 3);
  CHECK(cut_utf8_size("a\xe0\x80") == 0);  // nothing can complete it
  CHECK(cut_utf8_size("a\xff") == 0);
  CHECK(cut_utf8_size("\x80\x80\x80\x80") == 0);
}

}  // namespace
}  // namespace reckon
