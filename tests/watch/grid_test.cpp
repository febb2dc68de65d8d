#include "watch/grid.h"

#include <doctest/doctest.h>

namespace reckon::watch {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a table has the first column on the left, the others on the right, a rule, and a note") {
  const Grid grid{"Two",
                  {"policy", "pass@1", "language\n(en / ko)"},
                  {{"zero", "0.88 ±0.01", "0.52"}, {"dev1", "0.8", "–"}},
                  "A note."};
  CHECK(render_text(grid) ==
        "Two\n"
        "\n"
        "                     language\n"
        "policy      pass@1  (en / ko)\n"
        "-----------------------------\n"
        "zero    0.88 ±0.01       0.52\n"
        "dev1           0.8          –\n"
        "\n"
        "A note.\n");
  CHECK(render_markdown(grid) ==
        "**Two**\n"
        "\n"
        "| policy | pass@1 | language (en / ko) |\n"
        "|---|---:|---:|\n"
        "| zero | 0.88 ±0.01 | 0.52 |\n"
        "| dev1 | 0.8 | – |\n"
        "\n"
        "A note.\n");
}

TEST_CASE("a table wider than the terminal is cut between columns, its first column repeated") {
  Grid grid{"Wide", {"policy"}, {{"zero"}}, "One two three four five six seven."};
  for (const char* name : {"first", "second", "third", "fourth"}) {
    grid.header.push_back(name);
    grid.rows[0].push_back("1234567890");
  }
  CHECK(render_text(grid, 32) ==
        "Wide\n"
        "\n"
        "policy       first      second\n"
        "------------------------------\n"
        "zero    1234567890  1234567890\n"
        "\n"
        "policy       third      fourth\n"
        "------------------------------\n"
        "zero    1234567890  1234567890\n"
        "\n"
        "One two three four five six\n"
        "seven.\n");
  // A column that is wider than the whole terminal stands alone.
  CHECK(has(render_text(grid, 5), "policy       first\n---"));
}

TEST_CASE("texts of the run cannot move the cursor, break a row or become markup") {
  const Grid grid{"T", {"policy", "n"}, {{"a\x1b[2J|<b>\n`x`", "1"}, {"한국", "2"}}, ""};
  const std::string text = render_text(grid);
  CHECK_FALSE(has(text, "\x1b"));
  CHECK(has(text, "a?[2J|<b>?`x`  1\n"));
  // A Korean character fills two columns.
  CHECK(has(text, "한국           2\n"));
  CHECK(has(render_markdown(grid), "| a?\\[2J\\|&lt;b> \\`x\\` | 1 |\n"));
}

TEST_CASE("a table without rows is no text") {
  CHECK(render_text({"T", {"policy"}, {}, "note"}).empty());
  CHECK(render_markdown({"T", {"policy"}, {}, "note"}).empty());
}

}  // namespace
}  // namespace reckon::watch
