#include "watch/curve_svg.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/watch/run_files.h"

namespace reckon::watch {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST_CASE("one run is drawn with its interval, and the scale holds its longest length") {
  RunFiles files;
  files.put_recipe();
  files.put_metrics(40);
  files.add_evaluation("zero", 0, 0.4, 28.0);
  files.add_evaluation("zero", 40, 0.8, 93.0);
  const std::string svg = curve_svg({read_run_folder(files.path())});
  CHECK(has(svg, "Held-out accuracy"));
  CHECK(has(svg, "Mean response length"));
  CHECK(has(svg, "<polygon"));
  CHECK(count(svg, "<polyline") == 2);
  CHECK(has(svg, ">100</text>"));
  CHECK_FALSE(has(svg, "<script"));
  CHECK(svg.ends_with("</svg>\n"));
}

TEST_CASE("several runs have one curve each, told apart by seed, without bands") {
  RunFiles first;
  RunFiles second;
  first.put_recipe("tiny", 1);
  second.put_recipe("tiny", 2);
  for (const RunFiles* files : {&first, &second}) {
    files->put_metrics(40);
    files->add_evaluation("zero", 0, 0.4, 28.0);
    files->add_evaluation("zero", 40, 0.8, 93.0);
  }
  const std::string svg =
      curve_svg({read_run_folder(first.path()), read_run_folder(second.path())});
  CHECK(has(svg, "tiny, seed 1"));
  CHECK(has(svg, "tiny, seed 2"));
  CHECK(count(svg, "<polyline") == 4);
  CHECK_FALSE(has(svg, "<polygon"));
}

TEST_CASE("a hostile name stays text, and a run without evaluations is said so") {
  RunFiles empty;
  CHECK(has(curve_svg({read_run_folder(empty.path())}), "no evaluation on record"));
  RunFiles first;
  RunFiles second;
  first.put_recipe("</text><script>\x01&", 1);
  second.put_recipe("other", 1);
  first.put_metrics(1);
  first.add_evaluation("zero", 0, 0.4, 28.0);
  const std::string svg =
      curve_svg({read_run_folder(first.path()), read_run_folder(second.path())});
  CHECK_FALSE(has(svg, "<script"));
  CHECK(has(svg, "&lt;/text&gt;&lt;script&gt; &amp;"));
}

}  // namespace
}  // namespace reckon::watch
