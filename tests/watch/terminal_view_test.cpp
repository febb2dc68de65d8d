#include "watch/terminal_view.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/watch/run_files.h"

using namespace reckon;
using namespace reckon::watch;

namespace {

constexpr double kNow = 2000.0;

/// A run folder and what is drawn of it at `kNow`.
class Drawn {
 public:
  Drawn() {
    files.put_recipe();
    put_status({{"state", "running"}, {"heartbeat", kNow - 4.0}});
  }

  void put_status(const nlohmann::json& more) {
    nlohmann::json status = {{"stage", "zero"}, {"stage_index", 1}, {"num_stages", 3},
                             {"step", 20},      {"max_steps", 40},  {"phase", "rollout"}};
    status.update(more);
    files.put("status.json", status.dump());
  }

  std::vector<TerminalLine> view(const TerminalSize& size = {}) {
    catalog_.poll();
    summaries_ = catalog_.list();
    REQUIRE(summaries_.size() == 1);
    auto& index = catalog_.open(summaries_[0].id)->index;
    index.refresh();
    TerminalScene scene = terminal_scene(index, summaries_[0], kNow);
    scene.footer = "q ends";
    return terminal_view(scene, size);
  }

  std::string text(const TerminalSize& size = {}) {
    std::string all;
    for (const auto& line : view(size)) all += line.text + "\n";
    return all;
  }

  const RunFiles files;

 private:
  RunCatalog catalog_{files.path(), [] { return kNow; }};
  std::vector<RunSummary> summaries_;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void add_values(const Drawn& drawn, int64_t steps) {
  for (int64_t step = 1; step <= steps; ++step) {
    drawn.files.append_line("metrics.jsonl", {{"stage", "zero"},
                                              {"kind", "grpo"},
                                              {"step", step},
                                              {"reward", 0.01 * static_cast<double>(step)},
                                              {"accuracy", 0.5},
                                              {"completions/mean_length", 1234.5},
                                              {"entropy", nullptr},
                                              {"grad_norm", 0.25},
                                              {"frac_reward_zero_std", 0.95},
                                              {"step_time", 2.0}});
  }
}

}  // namespace

TEST_CASE("The terminal says what the run does, how it goes, and what it answered last") {
  Drawn drawn;
  add_values(drawn, 20);
  drawn.files.add_evaluation("zero", 1, 0.25, 20.0);
  drawn.files.add_evaluation("zero", 11, 0.75, 20.0);
  drawn.files.add_completion(19, 3, 0, "easy", "an older one", false);
  drawn.files.add_completion(20, 4, 0, "easy", "let me see", true);
  drawn.files.add_completion(20, 4, 1, "easy", "second of the group", true);
  const std::string text = drawn.text();
  CHECK(has(text, " · running\n"));
  CHECK(
      has(text, "stage 2 of 3, zero · step 20 of 40 · rollout · 40s left · heartbeat 4.0s ago\n"));
  CHECK(has(text, "zero (grpo), steps 1 to 20\n"));
  CHECK(has(text, "reward                  0.2  ▁▁▂▂▂▃▃▄▄▄▅▅▅▆▆▇▇▇██"));
  CHECK(has(text, "  0.01 to 0.2\n"));
  CHECK(has(text, "accuracy                0.5  "));
  CHECK(has(text, "held-out accuracy      0.75  ▁▁▁▁▁▁▁▁▁▁█ "));
  CHECK(has(text, "mean length            1.2k  "));
  CHECK(has(text, "gradient norm          0.25  "));
  CHECK(has(text, "zero-variance share    0.95  "));
  CHECK(!has(text, "entropy"));
  CHECK(has(text, "! 95 % of the answers are in groups"));
  CHECK(has(text, "Newest answer: stage zero, step 20, prompt 4\nright · reward 1 · 12 tokens"));
  CHECK(has(text, "prompt 4\nlet me see\n"));
  CHECK(!has(text, "an older one"));
}

TEST_CASE("A run that is stuck, gone or failed is said so, as on the page") {
  Drawn drawn;
  drawn.put_status({{"state", "running"}, {"heartbeat", kNow - 300.0}});
  const auto stalled = drawn.view();
  CHECK(stalled[0].style == TerminalLine::Style::bad);
  CHECK(has(stalled[0].text, "stalled"));
  CHECK(has(drawn.text(), "heartbeat 5m00s ago"));
  CHECK(has(drawn.text({200}), "stuck in phase rollout of stage zero"));
  drawn.put_status({{"state", "failed"}, {"heartbeat", kNow}, {"message", "no \x1b[2J disk"}});
  const std::string failed = drawn.text();
  CHECK(has(failed, "failed\n"));
  CHECK(has(failed, "ended just now"));
  CHECK(has(failed, "no \\x1b[2J disk"));
}

TEST_CASE("What a model wrote gives the terminal no orders") {
  Drawn drawn;
  drawn.files.add_completion(1, 1, 0, "easy", "\x1b]0;title\x07 red\x1b[31m\r\n\u202e", false);
  const std::string text = drawn.text();
  CHECK(has(text, "\\x1b]0;title\\x07 red\\x1b[31m\\r\\n\\u{202e}"));
  for (const char letter : text) CHECK((letter == '\n' || letter < 0 || letter >= ' '));
}

TEST_CASE("The picture fits every window") {
  Drawn drawn;
  add_values(drawn, 300);
  drawn.files.add_completion(300, 4, 0, "easy", std::string(30'000, 'x'), true);
  for (const auto characters : {Characters::unicode, Characters::ascii}) {
    for (int columns = 1; columns <= 130; columns += 3) {
      for (const int rows : {1, 2, 5, 11, 24, 60}) {
        const auto lines = drawn.view({columns, rows, characters});
        CHECK(lines.size() <= static_cast<size_t>(rows));
        const bool fits = std::all_of(lines.begin(), lines.end(), [&](const auto& line) {
          return text_columns(line.text, characters) <= columns;
        });
        CHECK_MESSAGE(fits, columns, " columns");
        CHECK(lines.back().style == TerminalLine::Style::faint);
      }
    }
  }
  // A long answer takes what is left, and says that it goes on.
  const auto lines = drawn.view({80, 24, Characters::unicode});
  CHECK(lines.size() == 24);
  CHECK(lines[22].text.ends_with("x…"));
  // Without a bound a snapshot is still short.
  CHECK(drawn.view().size() < 40);
}

TEST_CASE("A folder without a run, and a run without files, are drawn, too") {
  TerminalScene scene;
  scene.missing = "No run in runs yet.";
  CHECK(terminal_view(scene, {})[0].text == "No run in runs yet.");
  const RunFiles files;
  RunIndex index(files.path(), files.path());
  index.refresh();
  const RunSummary summary;
  const auto lines = terminal_view(terminal_scene(index, summary, kNow), {});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].text.ends_with("unknown"));
}

TEST_CASE("A stage that has no reward shows its loss") {
  Drawn drawn;
  drawn.files.put_metrics(0);
  const std::string text = drawn.text();
  CHECK(has(text, "base (pretrain), steps 1 to 3\nloss "));
  CHECK(!has(text, "reward"));
}
