#include "rewards/code/program_text.h"

#include <doctest/doctest.h>

#include <string>

namespace reckon::rewards::code {

namespace {

using sandbox::Language;

ProgramText find(std::string_view completion, Language language = Language::python,
                 Region region = Region::after_think, bool think_prefilled = false) {
  return find_program(completion, language, region, think_prefilled);
}

}  // namespace

TEST_CASE("the last block that fits the language is the program") {
  CHECK(find("```python\na\n```\ntext\n```py\nb\n```\n").text == "b\n");
  CHECK(find("```python\na\n```\n```bash\nb\n```\n").text == "a\n");
  CHECK(find("```\na\n```").text == "a\n");
  CHECK(find("~~~Python3 title\na\n```\n~~~\n").text == "a\n```\n");
  CHECK(find("````python\n```\na\n```\n````\n").text == "```\na\n```\n");
  CHECK(find("  ```python\n  if x:\n      y\n  ```\n").text == "if x:\n    y\n");
  CHECK(find("```{.python}\na\n```").text == "a\n");
  CHECK(find("```c++\na\n```", Language::cpp).text == "a\n");
  CHECK(find("```c\na\n```\n```python\nb\n```", Language::c).text == "a\n");
}

TEST_CASE("no block, or a last one that is never closed, is no answer") {
  for (const char* text : {"", "a = 1", "```java\na\n```", "`a`", "```python a ``` b",
                           "```python\na\n```\n```python\nb", "```python\na\n``"}) {
    CAPTURE(text);
    CHECK_FALSE(find(text).found);
    CHECK(find(text).failure == Reason::no_answer);
  }
}

TEST_CASE("only the region counts") {
  const std::string block = "```\na\n```\n";
  CHECK_FALSE(find("<think>\n" + block + "</think>done").found);
  CHECK(find("<think>x</think>" + block).text == "a\n");
  CHECK(find("x</think>" + block, Language::python, Region::after_think, true).text == "a\n");
  CHECK(find("<think>\n" + block).failure == Reason::no_region);
  CHECK(find(block, Language::python, Region::after_think, true).failure == Reason::no_region);
  CHECK(find("<think>\n" + block, Language::python, Region::whole).text == "a\n");
  CHECK(find("<answer>\n" + block + "</answer>", Language::python, Region::answer_tag).found);
  CHECK(find(block, Language::python, Region::answer_tag).failure == Reason::no_region);
  CHECK(
      find("<answer>" + block + "</answer><answer></answer>", Language::python, Region::answer_tag)
          .failure == Reason::no_region);
}

TEST_CASE("a program without a fence is all of the region, where the style says so") {
  const auto tagged = [](std::string_view text) {
    return find_program(text, Language::python, Region::answer_tag, false, Style::tag);
  };
  CHECK(tagged("<answer> a = 1\n</answer>").text == "a = 1\n");
  CHECK(tagged("<answer>x\n```python\na = 2\n```\n</answer>").text == "a = 2\n");
  CHECK_FALSE(tagged("<answer> \n </answer>").found);
  CHECK_FALSE(tagged("<answer>\n```python\na = 2\n</answer>").found);
  CHECK(tagged("a = 1").failure == Reason::no_region);
}

TEST_CASE("a completion of a million fences is read in one pass") {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += i % 2 == 0 ? "```python\n" : "```\n";
  CHECK(find(text).found);
}

}  // namespace reckon::rewards::code
