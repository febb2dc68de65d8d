#include "rewards/prose.h"

#include <doctest/doctest.h>

using namespace reckon::rewards;

namespace {

/// The words, with | between sentences.
std::string words(std::string_view text) {
  std::string list;
  for (const Sentence& sentence : split_prose(text)) {
    if (!list.empty()) list += " |";
    for (const ProseWord& word : sentence) list += (list.empty() ? "" : " ") + word.folded;
  }
  return list;
}

}  // namespace

TEST_CASE("the script of a letter is known") {
  CHECK(script_of(U'a') == Script::latin);
  CHECK(script_of(U'\u00df') == Script::latin);
  CHECK(script_of(U'\uff21') == Script::latin);
  CHECK(script_of(U'\u03b1') == Script::greek);
  CHECK(script_of(U'\u0430') == Script::cyrillic);
  CHECK(script_of(U'\u05d0') == Script::hebrew);
  CHECK(script_of(U'\u0628') == Script::arabic);
  CHECK(script_of(U'\u0939') == Script::devanagari);
  CHECK(script_of(U'\u0e01') == Script::thai);
  CHECK(script_of(U'\uac00') == Script::hangul);
  CHECK(script_of(U'\u3042') == Script::hiragana);
  CHECK(script_of(U'\u30a2') == Script::katakana);
  CHECK(script_of(U'\uff71') == Script::katakana);
  CHECK(script_of(U'\u4e2d') == Script::han);
  CHECK(script_of(U'\U00020000') == Script::han);
  CHECK(script_of(U'\u13a0') == Script::other);
  CHECK(script_of(U'\u0301') == Script::inherited);
  for (const char32_t c : {U'0', U' ', U'\u00b5', U'\U0001d400', U'\u2202', U'\U0001f600',
                           U'\u00d7', char32_t{0x10FFFF}, char32_t{0}, U'@', U'['}) {
    CHECK(script_of(c) == Script::none);
  }
}

TEST_CASE("the table of scripts is in order") {
  char32_t last = 0;
  for (const ScriptRange& range : script_ranges()) {
    CHECK(range.first > last);
    CHECK(range.last >= range.first);
    last = range.last;
  }
}

TEST_CASE("formulas, code, tags and addresses are no prose") {
  CHECK(without_formulas("a $x+y$ b") == "a   b");
  CHECK(without_formulas("a $$x$$ b \\(y\\) c \\[z\\] d") == "a   b   c   d");
  CHECK(without_formulas("a `x` b ```\nx\n``` c ~~~x~~~") == "a   b   c  ");
  CHECK(without_formulas("<think>a</think><|im_end|><b c>") == " a  <b c>");
  CHECK(without_formulas("\\frac{a}{b} \\text{so} \\begin{align}x") == " {a}{b}  {so}  x");
  CHECK(without_formulas("see https://a.b/c?d now") == "see   now");
  CHECK(without_formulas("a \\\\[2pt] b") == "a  [2pt] b");
}

TEST_CASE("marks that are never closed and sums of money are characters") {
  for (const char* text : {"it costs $5 and $6 a day", "a $x b", "a ` b\n` c", "a ``` b", "a \\( b",
                           "$ x $", "a $x\n\ny$ b", "a < b", "$$ a", "hello"}) {
    CHECK(without_formulas(text) == text);
  }
}

TEST_CASE("words are runs of letters of one script, by sentence") {
  CHECK(words("So, this is IT. No! Yes") == "so this is it | no | yes");
  CHECK(words("so\n\n\nno") == "so | no");
  CHECK(words("\u4e2d\u6587abc\ud55c") == "\u4e2d\u6587 abc \ud55c");
  CHECK(words("l'\u00c9quation") == "\u00e9quation");
  CHECK(words("") == "");
}

TEST_CASE("names of variables are no words") {
  CHECK(words("let x be a y_1 and x2 of 3x or \u03b1 here") == "let be and of or here");
  CHECK(words("x_max foo_bar so") == "so");
  CHECK(words("5\uac1c") == "\uac1c");
  CHECK(words("\u0438 \u044f") == "\u0438 \u044f");
}

TEST_CASE("broken bytes end a word") {
  CHECK(words("abc\xff"
              "def") == "abc def");
  CHECK(words("\xe4\xb8") == "");
}
