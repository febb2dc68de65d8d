#include "rewards/answer_text.h"

#include <doctest/doctest.h>

#include <string>

using namespace reckon::rewards;

namespace {

std::string number(std::string_view text) {
  const auto value = read_number(text);
  return value ? value->text() : "none";
}

std::string extracted(std::string_view text, AnswerForm form = AnswerForm::automatic) {
  return std::string(extract_answer(text, form).value_or("none"));
}

}  // namespace

TEST_CASE("spellings of a number are the same number, exactly") {
  for (const char* text : {"12", " 12 ", "+12", "012", "12.", "12.0", "12.000", "$12", "\\$12",
                           "12%", "12\\%", "12$", "24/2", "\\frac{24}{2}", "\\dfrac{36}{3}"}) {
    CAPTURE(text);
    CHECK(number(text) == "12");
  }
  CHECK(number("-7") == "-7");
  CHECK(number("\xe2\x88\x92"
               "7") == "-7");
  CHECK(number("-$7.50") == "-15/2");
  CHECK(number("$-7.5") == "-15/2");
  CHECK(number("-0") == "0");
  CHECK(number(".5") == "1/2");
  CHECK(number("0.1") == "1/10");
  CHECK(number("-3/6") == "-1/2");
  CHECK(number("1.5/0.5") == "3");
  CHECK(number("1,234,567.25") == "4938269/4");
  CHECK(number("1{,}234") == "1234");
}

TEST_CASE("what is not a number as a whole is none") {
  for (const char* text : {"",
                           ".",
                           "-",
                           "--5",
                           "+-5",
                           "1,23",
                           "1,2345",
                           ",123",
                           "1234,567",
                           "12 apples",
                           "x",
                           "1 2",
                           "1.2.3",
                           "5/0",
                           "1/2/3",
                           "\\frac{1}{2",
                           "\\frac{1}2",
                           "1e5",
                           "0x10",
                           "1,234,",
                           "%",
                           "$",
                           "99999999999999999999",
                           "0.1234567890123456789",
                           "12..",
                           "nan"}) {
    CAPTURE(text);
    CHECK(number(text) == "none");
  }
}

TEST_CASE("the last closed box is found with its braces matched") {
  CHECK(extracted("so \\boxed{3} or \\boxed{ 42 }.") == "42");
  CHECK(extracted("\\boxed{\\frac{1}{2}}") == "\\frac{1}{2}");
  CHECK(extracted("\\boxed{\\{1, 2\\}}") == "\\{1, 2\\}");
  CHECK(extracted("\\boxed{5} and \\boxed{6") == "5");
  CHECK(extracted("{ \\boxed{5}") == "5");
  CHECK(extracted("\\boxed{\\boxed{7}}") == "7");
  CHECK(extracted("\\boxed{}") == "none");
  CHECK(extracted("\\boxed{1} then \\boxed{ }") == "none");
  CHECK(extracted("\\boxed 5") == "none");
  CHECK(extracted("} \\boxed{5}") == "5");
}

TEST_CASE("boxes are counted, closed ones and others") {
  const auto scan = scan_boxed("\\boxed{1} \\boxed{\\text{a}} \\boxed{{");
  CHECK(scan.complete == 2);
  CHECK(scan.unfinished == 1);
  CHECK(scan.last == "\\text{a}");
  CHECK(scan_boxed("").complete == 0);
  CHECK(scan_boxed("\\").complete == 0);
}

TEST_CASE("each form looks in its own place only") {
  const char* text = "\\boxed{1}\n#### 2 \nmore <answer> 3 </answer>";
  CHECK(extracted(text) == "1");
  CHECK(extracted(text, AnswerForm::boxed) == "1");
  CHECK(extracted(text, AnswerForm::gsm8k) == "2");
  CHECK(extracted(text, AnswerForm::answer_tag) == "3");
  CHECK(extracted("#### 2\n<answer>3</answer>") == "2");
  CHECK(extracted("<answer>3</answer>") == "3");
  CHECK(extracted("the answer is 3") == "none");
  CHECK(extracted("\\boxed{1}", AnswerForm::gsm8k) == "none");
  CHECK(extracted("#### 2", AnswerForm::boxed) == "none");
  CHECK(extracted("<answer>1</answer><answer>2</answer>") == "2");
  CHECK(extracted("</answer>3<answer>") == "none");
  CHECK(extracted("####\n5") == "none");
}

TEST_CASE("an answer within the thought does not count") {
  CHECK(extracted("<think>\\boxed{1}</think> \\boxed{2}") == "2");
  CHECK(extracted("<think>\\boxed{1}</think> done") == "none");
  CHECK(extracted("<think>\\boxed{1} without an end") == "1");
}

TEST_CASE("answers that are no numbers keep their text but for blanks") {
  CHECK(canonical_answer("  x  +\n y ") == "x + y");
  CHECK(canonical_answer("1,000.50") == "2001/2");
  CHECK(canonical_answer("Paris") != canonical_answer("paris"));
  CHECK(canonical_answer("") == "");
}

TEST_CASE("long hostile texts are scanned in linear time") {
  std::string boxes;
  for (int i = 0; i < 300'000; ++i) boxes += "\\boxed{";
  CHECK(scan_boxed(boxes).unfinished == 300'000);
  CHECK(extracted(boxes) == "none");
  CHECK(extracted(boxes + "5" + std::string(300'000, '}')) == "5");
  CHECK(number(std::string(1'000'000, '9')) == "none");
  CHECK(number(std::string(1'000'000, '-')) == "none");
}
