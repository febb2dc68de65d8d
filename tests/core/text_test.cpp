#include "core/text.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace reckon;

TEST_CASE("blanks at both ends are cut, those inside stay") {
  CHECK(trim(" \t a  b\r\n") == "a  b");
  CHECK(trim("a") == "a");
  CHECK(trim(" \n ").empty());
  CHECK(trim("").empty());
  CHECK(trim("\va\v") == "\va\v");
  CHECK(trim("~ a~b ~", " ~") == "a~b");
}

TEST_CASE("words are taken off one after another") {
  std::string_view text = "  3 +\t4\n";
  std::vector<std::string> words;
  for (auto word = next_word(text); !word.empty(); word = next_word(text)) {
    words.emplace_back(word);
  }
  CHECK(words == std::vector<std::string>{"3", "+", "4"});
  CHECK(text.empty());
  CHECK(next_word(text).empty());
  std::string_view zero("\0 a", 3);
  CHECK(next_word(zero) == std::string_view("\0", 1));
}
