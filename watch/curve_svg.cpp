#include "watch/curve_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/utf8.h"
#include "watch/headline.h"

namespace reckon::watch {

namespace {

// Mid-tones only: the picture has no ground of its own and must be readable on white and on black,
// whatever colour scheme the reader's system says.
constexpr std::string_view kText = "#717b86";
constexpr std::string_view kGrid = "#717b86";
constexpr std::array<std::string_view, 6> kColors = {"#2f81f7", "#db6d28", "#2da44e",
                                                     "#d1477a", "#8e6bd8", "#a58a1c"};
constexpr double kWidth = 860;
constexpr double kTop = 58;
constexpr double kPlotHeight = 220;
constexpr double kPlotWidth = 350;
constexpr double kLegendLine = 18;

struct Spot {
  double x = 0;
  double y = 0;
  double low = 0;
  double high = 0;
};

struct Curve {
  std::string name;
  std::string_view color;
  bool dashed = false;
  bool band = false;
  std::vector<Spot> spots;
};

struct Panel {
  std::string title;
  double left = 0;
  double x_max = 1;
  double y_max = 1;
  bool percent = false;
  std::vector<Curve> curves;
};

std::string escape(std::string_view text) {
  std::string result;
  for (const char c : replace_invalid_utf8(text)) {
    if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '&') {
      result += "&amp;";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      result += ' ';  // control characters are not allowed in XML
    } else {
      result += c;
    }
  }
  return result;
}

Curve curve_of(const std::vector<CurvePoint>& points, const std::string& key, const char* low_key,
               const char* high_key) {
  Curve curve;
  for (const CurvePoint& point : points) {
    const std::optional<double> value = point.evaluation->value(key);
    if (!value || !std::isfinite(*value)) continue;
    const std::optional<double> low = point.evaluation->value(low_key);
    const std::optional<double> high = point.evaluation->value(high_key);
    curve.band = curve.band || (low && high);
    curve.spots.push_back(
        {static_cast<double>(point.step), *value, low.value_or(*value), high.value_or(*value)});
  }
  return curve;
}

// The smallest of 1, 2, 2.5, 5 times a power of ten that gives at most `count` steps up to `top`.
double tick_step(double top, int count) {
  if (!(top > 0.0)) return 1.0;
  const double raw = top / count;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
    if (factor * power >= raw * 0.999) return factor * power;
  }
  return 10.0 * power;
}

double round_up(double top) {
  const double step = tick_step(top, 6);
  return step * std::ceil(top / step);
}

double panel_x(const Panel& panel, double x) { return panel.left + kPlotWidth * x / panel.x_max; }

double panel_y(const Panel& panel, double y) {
  return kTop + kPlotHeight * (1.0 - std::clamp(y / panel.y_max, 0.0, 1.0));
}

std::string draw_axes(const Panel& panel) {
  std::string svg = fmt::format(
      "<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"15\" font-weight=\"600\">{}</text>\n",
      panel.left, kTop - 16, panel.title);
  const double y_step = panel.percent ? 0.2 : tick_step(panel.y_max, 6);
  for (double y = 0; y <= panel.y_max * 1.001; y += y_step) {
    const double at = panel_y(panel, y);
    svg += fmt::format(
        "<line x1=\"{0:.1f}\" x2=\"{1:.1f}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"{3}\" "
        "stroke-opacity=\"{4}\"/>\n",
        panel.left, panel.left + kPlotWidth, at, kGrid, y == 0 ? "0.7" : "0.2");
    const std::string label =
        panel.percent ? fmt::format("{:.0f} %", y * 100) : fmt::format("{:.6g}", y);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
                       panel.left - 8, at + 4, label);
  }
  const double x_step = std::max(1.0, tick_step(panel.x_max, 6));
  for (double x = 0; x <= panel.x_max * 1.001; x += x_step) {
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{:.6g}</text>\n",
                       panel_x(panel, x), kTop + kPlotHeight + 18, x);
  }
  svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">step</text>\n",
                     panel.left + kPlotWidth / 2, kTop + kPlotHeight + 36);
  return svg;
}

std::string draw_curve(const Panel& panel, const Curve& curve) {
  std::string line;
  std::string top;
  std::string bottom;
  std::string dots;
  for (const Spot& spot : curve.spots) {
    const double x = panel_x(panel, spot.x);
    const double y = panel_y(panel, spot.y);
    line += fmt::format("{:.1f},{:.1f} ", x, y);
    top += fmt::format("{:.1f},{:.1f} ", x, panel_y(panel, spot.high));
    bottom.insert(0, fmt::format("{:.1f},{:.1f} ", x, panel_y(panel, spot.low)));
    dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.6\" fill=\"{}\"/>\n", x, y,
                        curve.color);
  }
  std::string svg;
  if (curve.band) {
    svg += fmt::format("<polygon points=\"{}{}\" fill=\"{}\" fill-opacity=\"0.16\"/>\n", top,
                       bottom, curve.color);
  }
  svg += fmt::format(
      "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\" "
      "stroke-linejoin=\"round\"{}/>\n",
      line, curve.color, curve.dashed ? " stroke-dasharray=\"6 4\"" : "");
  return curve.spots.size() <= 60 ? svg + dots : svg;
}

// A row for each name.
std::string draw_legend(const std::vector<Curve>& curves, double left, double top) {
  std::string svg;
  double y = top;
  for (const Curve& curve : curves) {
    svg += fmt::format(
        "<line x1=\"{0:.1f}\" x2=\"{1:.1f}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"{3}\" "
        "stroke-width=\"3\"{4}/>\n<text x=\"{5:.1f}\" y=\"{6:.1f}\">{7}</text>\n",
        left, left + 22, y - 4, curve.color, curve.dashed ? " stroke-dasharray=\"6 4\"" : "",
        left + 30, y, escape(curve.name));
    y += kLegendLine;
  }
  return svg;
}

std::string run_name(const std::vector<RunFolder>& runs, const RunFolder& run) {
  const auto same = std::count_if(runs.begin(), runs.end(),
                                  [&](const RunFolder& other) { return other.name == run.name; });
  if (same < 2) return run.name;
  return run.seed ? fmt::format("{}, seed {}", run.name, *run.seed) : run.label;
}

void add_curve(Panel& panel, Curve curve, std::string name, std::string_view color, bool dashed,
               bool band) {
  if (curve.spots.empty()) return;
  curve.name = std::move(name);
  curve.color = color;
  curve.dashed = dashed;
  curve.band = curve.band && band;
  for (const Spot& spot : curve.spots) {
    panel.x_max = std::max(panel.x_max, spot.x);
    const double top = curve.band ? std::max(spot.y, spot.high) : spot.y;
    if (!panel.percent && std::isfinite(top)) panel.y_max = std::max(panel.y_max, top);
  }
  panel.curves.push_back(std::move(curve));
}

void add_run(const std::vector<RunFolder>& runs, const RunFolder& run, std::string_view color,
             Panel& accuracy, Panel& length) {
  const std::vector<CurvePoint> points = held_out_curve(run);
  const bool one = runs.size() == 1;
  const std::string name = run_name(runs, run);
  Curve sampled = curve_of(points, "accuracy", "accuracy_interval/low", "accuracy_interval/high");
  Curve greedy = curve_of(points, "accuracy_greedy", "", "");
  Curve mean = curve_of(points, "mean_length", "length_p10", "length_p90");
  add_curve(accuracy, std::move(sampled), one ? "sampled at T = 1, with 95 % interval" : name,
            color, false, one);
  if (one) add_curve(accuracy, std::move(greedy), "greedy", kColors[1], true, false);
  add_curve(length, std::move(mean), one ? "mean, with the middle 80 % of answers" : name, color,
            false, one);
}

}  // namespace

std::string curve_svg(const std::vector<RunFolder>& runs) {
  Panel accuracy{"Held-out accuracy", 54, 1, 1, true, {}};
  Panel length{"Mean response length (tokens)", 54 + kPlotWidth + 72, 1, 1, false, {}};
  size_t color = 0;
  for (const RunFolder& run : runs) {
    add_run(runs, run, kColors[color++ % kColors.size()], accuracy, length);
  }
  length.y_max = round_up(length.y_max);
  // The same runs are in both panels: their names are shared out below them.
  std::vector<Curve> left = accuracy.curves;
  std::vector<Curve> right = length.curves;
  if (runs.size() > 1) {
    const size_t half = (left.size() + 1) / 2;
    right.assign(left.begin() + static_cast<std::ptrdiff_t>(half), left.end());
    left.resize(half);
  }
  const size_t rows = std::max<size_t>({1, left.size(), right.size()});
  const double legend_top = kTop + kPlotHeight + 62;
  const double height = legend_top + kLegendLine * static_cast<double>(rows);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" role=\"img\" aria-label=\"Held-out accuracy and mean response length by "
      "optimizer step\" font-family=\"system-ui, -apple-system, Segoe UI, Helvetica, Arial, "
      "sans-serif\" font-size=\"12\" fill=\"{2}\">\n",
      kWidth, height, kText);
  for (const Panel* panel : {&accuracy, &length}) {
    svg += draw_axes(*panel);
    for (const Curve& curve : panel->curves) svg += draw_curve(*panel, curve);
    svg += draw_legend(panel == &accuracy ? left : right, panel->left, legend_top);
    if (panel->curves.empty()) {
      svg += fmt::format(
          "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">no evaluation on "
          "record</text>\n",
          panel->left + kPlotWidth / 2, kTop + kPlotHeight / 2);
    }
  }
  return svg + "</svg>\n";
}

}  // namespace reckon::watch
