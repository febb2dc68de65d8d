#include "watch/terminal_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/progress.h"
#include "watch/headline.h"
#include "watch/report_data.h"

namespace reckon::watch {

namespace {

using Style = TerminalLine::Style;
using Lines = std::vector<TerminalLine>;

constexpr size_t kAnswerBytes = 8000;  // more than a window shows
constexpr size_t kSnapshotLines = 12;  // of an answer where no window bounds it
constexpr size_t kHintLines = 2;
constexpr size_t kMostHints = 3;
constexpr size_t kPromptLines = 2;

struct CurveKind {
  const char* title;
  const char* key;
  bool only_without_reward = false;
};

constexpr const char* kHeldOut = "held-out accuracy";

// In the order of the lines; the curve without a key comes from evaluations.
constexpr std::array<CurveKind, 9> kCurves{{{"reward", "reward"},
                                            {"accuracy", "accuracy"},
                                            {kHeldOut, nullptr},
                                            {"mean length", "completions/mean_length"},
                                            {"entropy", "entropy"},
                                            {"gradient norm", "grad_norm"},
                                            {"zero-variance share", "frac_reward_zero_std"},
                                            {"loss", "loss", true},
                                            {"token accuracy", "mean_token_accuracy", true}}};

constexpr int kTitleColumns = 20;
constexpr int kValueColumns = 7;
constexpr int kRangeColumns = 19;
constexpr int kLeastCurve = 8;

std::string number(double value) {
  return std::abs(value) >= 1000.0 && value > 0.0 ? format_count(value)
                                                  : fmt::format("{:.3g}", value);
}

std::string ago(double seconds) {
  return seconds < 1.5 ? "just now" : format_duration(seconds) + " ago";
}

/// A curve with at most as many values as there are columns for it.
struct Curve {
  std::string title;
  std::vector<double> drawn;
  double last = 0.0;
  double low = 0.0;
  double high = 0.0;
};

// `values` are all values, of which `drawn` shows pieces.
std::optional<Curve> make_curve(const char* title, const std::vector<double>& values,
                                std::vector<double> drawn) {
  Curve curve{title, std::move(drawn), 0.0, std::numeric_limits<double>::infinity(),
              -std::numeric_limits<double>::infinity()};
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    curve.last = value;
    curve.low = std::min(curve.low, value);
    curve.high = std::max(curve.high, value);
  }
  if (curve.low > curve.high) return std::nullopt;
  return curve;
}

// Each value holds until the next evaluation, so that the line has the shape of one over steps.
std::optional<Curve> held_out(const RunFolder& run, size_t columns) {
  std::vector<int64_t> steps;
  std::vector<double> values;
  for (const CurvePoint& point : held_out_curve(run)) {
    const auto value = point.evaluation->value("accuracy");
    if (!value) continue;
    steps.push_back(point.step);
    values.push_back(*value);
  }
  if (values.empty()) return std::nullopt;
  const int64_t span = steps.back() - steps.front() + 1;
  const auto cells = static_cast<int64_t>(columns);
  const int64_t width = std::min(span, cells);
  std::vector<double> drawn;
  size_t at = 0;
  for (int64_t cell = 0; cell < width; ++cell) {
    const int64_t step = steps.front() + (width == 1 ? 0 : cell * (span - 1) / (width - 1));
    while (at + 1 < steps.size() && steps[at + 1] <= step) ++at;
    drawn.push_back(values[at]);
  }
  return make_curve(kHeldOut, values, std::move(drawn));
}

std::vector<Curve> find_curves(const RunFolder& run, const StageMetrics& metrics, size_t columns) {
  std::vector<Curve> curves;
  const bool has_reward = metrics.columns.contains("reward");
  for (const CurveKind& kind : kCurves) {
    std::optional<Curve> curve;
    if (kind.key == nullptr) {
      curve = held_out(run, columns);
    } else if (!kind.only_without_reward || !has_reward) {
      const auto column = metrics.columns.find(kind.key);
      if (column == metrics.columns.end()) continue;
      curve =
          make_curve(kind.title, column->second, thin_column(kind.key, column->second, columns));
    }
    if (curve) curves.push_back(std::move(*curve));
  }
  return curves;
}

/// Draws one scene.
class View {
 public:
  View(const TerminalScene& scene, const TerminalSize& size)
      : scene_(scene),
        size_{std::max(1, size.columns), size.rows, size.characters},
        separator_(size.characters == Characters::ascii ? " | " : " · ") {}

  Lines draw() const {
    std::vector<Lines> parts;
    if (scene_.run == nullptr) {
      parts = {wrapped(scene_.missing, Style::plain)};
    } else {
      parts = {head(), curves(), hints(), answer_head()};
    }
    const size_t footer = scene_.footer.empty() ? 0 : 1;
    size_t used = footer;
    for (const Lines& part : parts) used += part.size();
    const bool is_bounded = size_.rows > 0;
    const auto rows = static_cast<size_t>(std::max(0, size_.rows));
    const bool has_gaps = !is_bounded || used + parts.size() + 2 <= rows;
    Lines lines;
    for (const Lines& part : parts) {
      if (has_gaps && !lines.empty() && !part.empty()) lines.push_back({});
      lines.insert(lines.end(), part.begin(), part.end());
    }
    const size_t taken = lines.size() + footer;
    const size_t left = is_bounded ? rows - std::min(rows, taken) : kSnapshotLines;
    if (scene_.answer && left > 0) append(lines, completion(left));
    if (is_bounded && lines.size() + footer > rows) lines.resize(rows - std::min(rows, footer));
    if (footer > 0) lines.push_back({fit(scene_.footer), Style::faint});
    return lines;
  }

 private:
  static void append(Lines& lines, const Lines& more) {
    lines.insert(lines.end(), more.begin(), more.end());
  }

  std::string fit(std::string_view text) const {
    return fit_text(text, size_.columns, size_.characters);
  }

  Lines wrapped(std::string_view text, Style style, size_t most = 0) const {
    Lines lines;
    for (auto& line : wrap_text(text, size_.columns, most, size_.characters)) {
      lines.push_back({std::move(line), style});
    }
    return lines;
  }

  // Facts in one line, or in more where the window is narrow; a fact is not torn.
  Lines facts(const std::vector<std::string>& texts) const {
    std::vector<std::string> lines;
    for (const std::string& text : texts) {
      const std::string longer = lines.empty() ? "" : lines.back() + separator_ + text;
      if (!lines.empty() && text_columns(longer, size_.characters) <= size_.columns) {
        lines.back() = longer;
      } else {
        lines.push_back(text);
      }
    }
    Lines result;
    for (const std::string& line : lines) result.push_back({fit(line), Style::plain});
    return result;
  }

  Lines head() const {
    const RunSummary& summary = *scene_.summary;
    const bool is_stalled = summary.is_stalled(scene_.now);
    const std::string state = is_stalled ? "stalled" : summary.state();
    const bool is_bad = is_stalled || state == "dead" || state == "failed";
    const bool is_good = state == "running" || state == "finished";
    Lines lines{{fit(scene_.run->label + separator_ + state), is_bad    ? Style::bad
                                                              : is_good ? Style::good
                                                                        : Style::strong}};
    if (summary.about.status) append(lines, facts(status_facts(*summary.about.status, state)));
    return lines;
  }

  std::vector<std::string> status_facts(const RunStatus& status, const std::string& state) const {
    std::vector<std::string> facts;
    if (status.num_stages > 0) {
      facts.push_back(fmt::format("stage {} of {}, {}", status.stage_index + 1, status.num_stages,
                                  status.stage));
    }
    facts.push_back(status.max_steps > 0
                        ? fmt::format("step {} of {}", status.step, status.max_steps)
                        : fmt::format("step {}", status.step));
    const bool is_over = state == "finished" || state == "stopped" || state == "failed";
    if (!is_over && !status.phase.empty()) facts.push_back(status.phase);
    if (const auto left = scene_.summary->time_left()) {
      facts.push_back(format_duration(*left) + " left");
    }
    facts.push_back((is_over ? "ended " : "heartbeat ") +
                    ago(std::max(0.0, scene_.now - status.heartbeat)));
    return facts;
  }

  Lines curves() const {
    const auto& all = scene_.run->metrics;
    if (all.empty() || all.back().steps.empty()) return {};
    const StageMetrics& metrics = all.back();
    Lines lines{{fit(fmt::format("{} ({}), steps {} to {}", metrics.stage, metrics.kind,
                                 metrics.steps.front(), metrics.steps.back())),
                 Style::strong}};
    const int before = kTitleColumns + kValueColumns + 2;
    const bool has_range = size_.columns - before - kRangeColumns >= kLeastCurve;
    const int columns = size_.columns - before - (has_range ? kRangeColumns : 0);
    const auto most = static_cast<size_t>(std::max(1, columns));
    for (const Curve& curve : find_curves(*scene_.run, metrics, most)) {
      std::string line = fmt::format("{:<{}}{:>{}}", curve.title, kTitleColumns, number(curve.last),
                                     kValueColumns);
      if (columns > 0) {
        line += "  " + sparkline(curve.drawn, size_.characters);
        if (has_range) {
          line += std::string(most - curve.drawn.size(), ' ');
          line += fmt::format("  {} to {}", number(curve.low), number(curve.high));
        }
      }
      lines.push_back({fit(line), Style::plain});
    }
    return lines;
  }

  Lines hints() const {
    const bool is_bounded = size_.rows > 0;
    Lines lines;
    for (const Hint& hint : scene_.hints) {
      if (is_bounded && &hint - scene_.hints.data() == static_cast<std::ptrdiff_t>(kMostHints)) {
        lines.push_back(
            {fit(fmt::format("... and {} more", scene_.hints.size() - kMostHints)), Style::plain});
        break;
      }
      const bool is_warning = hint.level == "warning";
      append(lines, wrapped((is_warning ? "! " : "- ") + hint.text,
                            is_warning ? Style::bad : Style::plain, is_bounded ? kHintLines : 0));
    }
    return lines;
  }

  Lines answer_head() const {
    if (!scene_.answer || !scene_.answer_step) return {};
    const Completion& answer = *scene_.answer;
    Lines lines{
        {fit(fmt::format("Newest answer: stage {}, step {}, prompt {}", scene_.answer_step->stage,
                         scene_.answer_step->step, answer.prompt_index)),
         Style::strong}};
    std::string judged = answer.correct ? "right" : "wrong";
    if (answer.reward) judged += separator_ + "reward " + number(*answer.reward);
    judged += separator_ + fmt::format("{} tokens", answer.num_tokens);
    if (!answer.reason.empty()) judged += separator_ + answer.reason;
    lines.push_back({fit(judged), answer.correct ? Style::good : Style::bad});
    append(lines, wrapped(answer.prompt, Style::faint, kPromptLines));
    return lines;
  }

  Lines completion(size_t most) const {
    return wrapped(scene_.answer->completion, Style::plain, most);
  }

  const TerminalScene& scene_;
  const TerminalSize size_;
  const std::string separator_;
};

}  // namespace

TerminalScene terminal_scene(const RunIndex& index, const RunSummary& summary, double now) {
  TerminalScene scene;
  scene.run = &index.run();
  scene.summary = &summary;
  scene.now = now;
  scene.hints = find_hints(*scene.run, summary, now);
  const auto& steps = scene.run->completion_steps;
  const auto file = scene.run->path / "completions.jsonl";
  if (steps.empty() || !index.may_read(file)) return scene;
  try {
    auto answers = read_completions(file, steps.back(), kAnswerBytes, 1);
    if (answers.empty()) return scene;
    scene.answer_step = steps.back();
    scene.answer = std::move(answers.front());
  } catch (const Error&) {
    // The file went while it was read: the next look finds what is there then.
  }
  return scene;
}

std::vector<TerminalLine> terminal_view(const TerminalScene& scene, const TerminalSize& size) {
  return View(scene, size).draw();
}

}  // namespace reckon::watch
