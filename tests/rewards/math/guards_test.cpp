#include <doctest/doctest.h>

#include <string>

#include "rewards/math/read.h"

using namespace reckon::rewards;
using namespace reckon::rewards::math;

namespace {

std::string repeat(std::string_view part, size_t times) {
  std::string result;
  for (size_t i = 0; i < times; ++i) result += part;
  return result;
}

std::string outcome(std::string_view text) {
  const ReadResult result = read_answer(text);
  return result.ok() ? "ok" : std::string(to_string(result.failure));
}

}  // namespace

TEST_CASE("a text may have 4096 bytes") {
  CHECK(outcome("1" + std::string(Guards::kBytes - 1, ' ')) == "ok");
  CHECK(outcome("1" + std::string(Guards::kBytes, ' ')) == "guard");
}

TEST_CASE("a literal may have 1000 digits") {
  CHECK(outcome(std::string(Guards::kDigits, '7')) == "ok");
  CHECK(outcome(std::string(Guards::kDigits + 1, '7')) == "guard");
  CHECK(outcome("1E1000") == "ok");
  CHECK(outcome("1E1001") == "guard");
  CHECK(outcome("1E99999999999") == "guard");
}

TEST_CASE("brackets may nest 64 deep, and arguments and signs as well") {
  const auto deep = [](std::string_view open, std::string_view close, size_t depth) {
    return outcome(repeat(open, depth) + "1" + repeat(close, depth));
  };
  CHECK(deep("(", ")", Guards::kNesting) == "ok");
  CHECK(deep("(", ")", Guards::kNesting + 1) == "guard");
  CHECK(deep("{", "}", Guards::kNesting) == "ok");
  CHECK(deep("{", "}", Guards::kNesting + 1) == "guard");
  CHECK(deep("\\sqrt{", "}", Guards::kNesting) == "ok");
  CHECK(deep("\\sqrt{", "}", Guards::kNesting + 1) == "guard");
  CHECK(deep("2^{", "}", Guards::kNesting) == "ok");
  CHECK(deep("2^{", "}", Guards::kNesting + 1) == "guard");
  for (const char* open : {"\\sin ",
                           "\\sqrt",
                           "-",
                           "2^",
                           "\\frac1",
                           "|",
                           "\\left|",
                           "f(",
                           "\\{",
                           "\\sum_{k=",
                           "\\int ",
                           "[",
                           "]",
                           "\\log_",
                           "<",
                           "\\begin{matrix}",
                           "\\lim_{x\\to ",
                           "\\frac{",
                           "x_{",
                           "\\text{",
                           "\\binom"}) {
    CAPTURE(open);
    const std::string result = outcome(repeat(open, 4000 / std::string_view(open).size()) + "1");
    CHECK((result == "guard" || result == "unreadable"));
  }
}

TEST_CASE("a list, a set, a tuple may have 64 items, a matrix 64 cells") {
  const std::string full = repeat("x,", Guards::kItems - 1);
  CHECK(outcome(full + "x") == "ok");
  CHECK(outcome(full + "x,x") == "guard");
  CHECK(outcome("(" + full + "x)") == "ok");
  CHECK(outcome("(" + full + "x,x)") == "guard");
  CHECK(outcome("\\{" + full + "x\\}") == "ok");
  CHECK(outcome("\\{" + full + "x,x\\}") == "guard");
  const std::string cells = repeat("1&", Guards::kItems - 1);
  CHECK(outcome("\\begin{pmatrix}" + cells + "1\\end{pmatrix}") == "ok");
  CHECK(outcome("\\begin{pmatrix}" + cells + "1&1\\end{pmatrix}") == "guard");
}

TEST_CASE("a tree may have 1024 nodes, a text 2048 tokens, a root the index 64") {
  CHECK(outcome(repeat("x+", Guards::kNodes - 2) + "x") == "ok");
  CHECK(outcome(repeat("x+", Guards::kNodes - 1) + "x") == "guard");
  CHECK(outcome(repeat("(", Guards::kTokens + 1)) == "guard");
  CHECK(outcome("\\sqrt[64]{2}") == "ok");
  CHECK(outcome("\\sqrt[65]{2}") == "guard");
  CHECK(outcome("\\sqrt[999999999999]{2}") == "guard");
}

TEST_CASE("what is no mathematics and no text is unreadable") {
  for (const char* text : {"\\frac123", "2 3", "\\infty-\\infty", "\\frac{\\infty}{\\infty}", "(1",
                           "1)", "1+", "\\frac{1}", "\\sqrt", "\xff", "1\xc3", "{", "}", "\\", "x^",
                           "12_1", "129_8", "\\begin{pmatrix}1&2\\\\3\\end{pmatrix}"}) {
    CAPTURE(text);
    CHECK(outcome(text) == "unreadable");
  }
  CHECK(outcome("") == "no_answer");
  CHECK(outcome(" \n\t$$ ") == "no_answer");
}
