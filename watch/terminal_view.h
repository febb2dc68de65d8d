#pragma once

#include <optional>
#include <string>
#include <vector>

#include "watch/hints.h"
#include "watch/run_catalog.h"
#include "watch/terminal_text.h"

namespace reckon::watch {

/// What is shown of one run. Points into what it was made from.
struct TerminalScene {
  const RunFolder* run = nullptr;  ///< null where there is no run yet
  const RunSummary* summary = nullptr;
  std::vector<Hint> hints;
  std::optional<CompletionStep> answer_step;  ///< the step of `answer`
  std::optional<Completion> answer;
  std::string missing;  ///< said where there is no run
  std::string footer;   ///< the last line; may be empty
  double now = 0.0;     ///< Unix time, seconds
};

/// The window.
struct TerminalSize {
  int columns = 80;
  int rows = 0;  ///< 0: as many as it takes
  Characters characters = Characters::unicode;
};

/// One line without its end, and how it is meant.
struct TerminalLine {
  enum class Style { plain, strong, faint, good, bad };
  std::string text;
  Style style = Style::plain;
};

/// The run that `summary` is about, as it stands in `index`: with its hints and the first answer of
/// the newest step. `index` and `summary` must outlive the scene.
TerminalScene terminal_scene(const RunIndex& index, const RunSummary& summary, double now);

/// Draws a scene: what the run does now, sparklines of the stage under way, hints, and an answer.
/// No line is wider and none are more than the window holds; text of the run stays text.
/// Thread-safe.
std::vector<TerminalLine> terminal_view(const TerminalScene& scene, const TerminalSize& size);

}  // namespace reckon::watch
