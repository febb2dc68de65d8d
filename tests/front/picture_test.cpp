#include <doctest/doctest.h>

#include <cstdlib>

#include "core/files.h"
#include "tests/cli/process.h"
#include "tests/watch/run_files.h"

using namespace reckon;
using namespace reckon::tests;

namespace {

std::string path_variable() {
  const char* value = std::getenv("PATH");
  return value == nullptr ? "" : value;
}

Outcome report_png(const watch::RunFiles& files) {
  return run_program({"report", files.path().string(), "--out", files.file("page.html").string(),
                      "--png", files.file("curves.png").string()});
}

}  // namespace

TEST_SUITE_BEGIN("e2e");

TEST_CASE("report --png writes a picture") {
  if (std::system("command -v rsvg-convert > /dev/null 2>&1") != 0) {
    MESSAGE("skipped: no rsvg-convert here (Debian package librsvg2-bin)");
    return;
  }
  const watch::RunFiles files;
  files.put_recipe();
  files.add_evaluation("zero", 0, 0.25, 20.0);
  files.add_evaluation("zero", 9, 0.75, 40.0);
  const Outcome outcome = report_png(files);
  CHECK(outcome.status == 0);
  CHECK(outcome.out.ends_with(files.file("curves.png").string() + "\n"));
  const std::string bytes = read_file(files.file("curves.png"));
  CHECK(bytes.starts_with("\x89PNG\r\n\x1a\n"));
  CHECK(bytes.size() > 5000);
}

TEST_CASE("report --png says what to install where the program for it is missing") {
  const watch::RunFiles files;
  files.put_recipe();
  const std::string before = path_variable();
  ::setenv("PATH", files.path().c_str(), 1);
  const Outcome outcome = report_png(files);
  ::setenv("PATH", before.c_str(), 1);
  CHECK(outcome.status == 2);
  CHECK(error_lines(outcome.err) == 1);
  CHECK(outcome.err.find("apt-get install librsvg2-bin") != std::string::npos);
  CHECK(!std::filesystem::exists(files.file("curves.png")));
}

TEST_SUITE_END();
