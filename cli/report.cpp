#include "watch/report.h"

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/picture.h"
#include "core/error.h"
#include "core/files.h"
#include "watch/curve_svg.h"

namespace reckon::cli {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::vector<std::string> runs;
  std::string out;
  std::string svg;
  std::string png;
};

void write_picture(const fs::path& file, const std::string& bytes) {
  write_file_atomic(file, bytes);
  fmt::print("{}\n", fs::absolute(file).string());
}

int report(const Arguments& arguments) {
  std::vector<fs::path> folders(arguments.runs.begin(), arguments.runs.end());
  const fs::path out =
      arguments.out.empty() ? folders.front() / "report.html" : fs::path(arguments.out);
  std::vector<watch::RunFolder> runs;
  for (const auto& folder : folders) runs.push_back(watch::read_run_folder(folder));
  watch::write_report(runs, out);
  fmt::print("{}\n", fs::absolute(out).string());
  if (arguments.svg.empty() && arguments.png.empty()) return done;
  const std::string svg = watch::curve_svg(runs);
  if (!arguments.svg.empty()) write_picture(arguments.svg, svg);
  if (!arguments.png.empty()) write_picture(arguments.png, png_of_svg(svg));
  return done;
}

}  // namespace

void add_report(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "report",
      "Write a self-contained HTML page about one run, or several laid over each other.\n\n"
      "  reckon report runs/tiny-zero\n"
      "  reckon report runs/tiny-zero runs/tiny-zero-random-reward --out compare.html\n");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("RUN", arguments->runs, "run folders")->required();
  command->add_option("--out", arguments->out,
                      "the page (default: report.html in the first folder)");
  command->add_option("--svg", arguments->svg, "also write the main curves as a picture");
  command->add_option("--png", arguments->png,
                      "the same as PNG; needs rsvg-convert (Debian package librsvg2-bin)");
  command->callback([arguments, &action] {
    action = [arguments](const Environment&) { return report(*arguments); };
  });
}

}  // namespace reckon::cli
