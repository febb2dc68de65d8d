// `reckon watch --terminal` in a terminal and without one; what it draws is tested in tests/watch.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/process.h"
#include "tests/front/pseudo_terminal.h"
#include "tests/watch/run_files.h"

using namespace reckon;
using namespace reckon::tests;
using watch::RunFiles;

namespace {

constexpr const char* kEnter = "\x1b[?1049h";
constexpr const char* kLeave = "\x1b[?1049l";

void fill(const RunFiles& files) {
  files.put_recipe();
  files.put("status.json",
            R"({"state": "finished", "stage": "zero", "step": 9, "heartbeat": 1700000000})");
  files.put_metrics(9);
  files.add_completion(9, 4, 0, "easy", "\x1b[2Jlet me see", true);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

int lines_of_last_frame(const std::string& printed) {
  const size_t end = printed.rfind("\x1b[J");
  const size_t begin = printed.rfind("\x1b[H", end);
  int lines = 1;
  for (size_t at = printed.find("\r\n", begin); at < end; at = printed.find("\r\n", at + 1))
    ++lines;
  return lines;
}

}  // namespace

TEST_SUITE_BEGIN("e2e");

TEST_CASE("watch --terminal follows a run and gives the terminal back, after q and Ctrl-C") {
  const RunFiles files;
  fill(files);
  for (const std::string key : {"q", "\x03\x03"}) {
    PseudoTerminal terminal({"watch", "--terminal", files.path()}, "C.UTF-8", 80, 24);
    terminal.wait_for("let me see");
    CHECK(has(terminal.printed(), kEnter));
    CHECK(has(terminal.printed(), "▁"));
    CHECK(has(terminal.printed(), "\\x1b[2Jlet me see"));
    CHECK(!has(terminal.printed(), "\x1b[2J"));
    CHECK(!terminal.echoes());
    files.add_completion(10, 4, 0, "easy", "what came later", false);
    terminal.wait_for("what came later");
    terminal.resize(40, 6);
    // The first frame that comes may be one that was under way.
    for (int frames = 0; frames < 2; ++frames) terminal.wait_for("\x1b[J");
    CHECK(lines_of_last_frame(terminal.printed()) == 6);
    terminal.type(key);
    CHECK(terminal.wait() == 0);
    CHECK(terminal.printed().ends_with(kLeave));
    CHECK(has(terminal.printed(), "\x1b[?25h"));
    fill(files);  // as it was
  }
}

TEST_CASE("watch --terminal waits for the first run") {
  const RunFiles files;
  PseudoTerminal terminal({"watch", "--terminal", files.path()}, "C.UTF-8", 80, 24);
  terminal.wait_for("No run in ");
  CHECK(terminal.echoes() == false);
  fill(files);
  terminal.wait_for("let me see");
  terminal.type("q");
  CHECK(terminal.wait() == 0);
  CHECK(terminal.echoes());
}

TEST_CASE("Another locale gets ASCII") {
  const RunFiles files;
  fill(files);
  PseudoTerminal terminal({"watch", "--terminal", "--once", files.path()}, "C", 80, 24);
  CHECK(terminal.wait() == 0);
  CHECK(has(terminal.printed(), "reward "));
  for (const char letter : terminal.printed()) CHECK(letter > 0);
  CHECK(!has(terminal.printed(), "\x1b"));
}

TEST_CASE("watch --terminal prints one snapshot where there is no terminal") {
  const RunFiles files;
  fill(files);
  const Outcome outcome = run_program({"watch", "--terminal", files.path().string()});
  CHECK(outcome.status == 0);
  CHECK(has(outcome.out, "finished\n"));
  CHECK(has(outcome.out, "let me see"));
  CHECK(!has(outcome.out, "\x1b"));
  const TempFolder empty;
  const Outcome none = run_program({"watch", "--terminal", empty.path().string()});
  CHECK(none.status == 2);
  CHECK(error_lines(none.err) == 1);
  CHECK(run_program({"watch", "--once"}).status == 2);
  CHECK(run_program({"watch", "--terminal", "--open"}).status == 2);
}

TEST_SUITE_END();
