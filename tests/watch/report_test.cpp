#include "watch/report.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "tests/watch/chain_run.h"
#include "watch/report_data.h"

namespace reckon::watch {
namespace {

using nlohmann::json;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::string report_of(const RunFiles& files) {
  write_report({read_run_folder(files.path())}, files.file("report.html"));
  return read_file(files.file("report.html"));
}

// The object that the page's scripts get.
json data_of(const std::string& page) {
  const std::string mark = "<script type=\"application/json\" id=\"data\">";
  const size_t begin = page.find(mark);
  REQUIRE(begin != std::string::npos);
  const size_t from = begin + mark.size();
  return json::parse(page.substr(from, page.find("</script>", from) - from));
}

TEST_CASE(
    "a report holds the data, the library and its licence, and asks the network for nothing") {
  RunFiles files;
  files.put_recipe();
  files.put_metrics(40);
  files.add_evaluation("zero", 0, 0.4, 28.0);
  files.add_evaluation("zero", 40, 0.8, 90.0);
  files.add_completion(1, 5, 0, "easy", "short", true);
  files.add_completion(40, 5, 0, "easy", "long wait long", true);
  const std::string page = report_of(files);
  const json run = data_of(page)["runs"][0];
  CHECK(run["name"] == "tiny");
  CHECK(run["claim"] == "length pays");
  CHECK(run["headline"]["accuracy"]["after"]["value"] == 0.8);
  CHECK(run["metrics"][1]["columns"]["reward"].size() == 40);
  CHECK(run["answers"][0]["after"]["completion"] == "long wait long");
  CHECK(has(page, "Dygraph"));
  CHECK(has(page, "Permission is hereby granted"));
  for (const char* name : {"{{css}}", "{{data}}", "{{script}}", "{{library_notice}}"}) {
    CHECK_FALSE(has(page, name));
  }
  CHECK_FALSE(has(page, "sourceMappingURL"));
  CHECK_FALSE(has(page, "<script src"));
  CHECK_FALSE(has(page, "<link rel=\"stylesheet\""));
  CHECK(has(page, "default-src 'none'"));
}

TEST_CASE("hostile answers cannot leave the data they stand in") {
  RunFiles files;
  files.put_recipe("<img src=x onerror=alert(1)>");
  files.put_metrics(2);
  const std::string hostile =
      std::string("</script><script>alert(1)</script><!--<script>{{data}}") + '\0' +
      "\x1b[2J\x7f\xE2\x80\xA8\xE2\x80\xAE end";
  files.add_completion(1, 5, 0, "</script>", hostile, true);
  files.add_completion(2, 5, 0, "</script>", std::string(1 << 20, '<'), true);
  const std::string quiet = report_of(RunFiles());
  const std::string page = report_of(files);
  CHECK(count(page, "<script") == count(quiet, "<script"));
  CHECK(count(page, "</script") == count(quiet, "</script"));
  CHECK(count(page, "<!--") == count(quiet, "<!--"));
  CHECK_FALSE(has(page, "<img"));
  const json answer = data_of(page)["runs"][0]["answers"][0];
  CHECK(answer["before"]["completion"] == hostile);
  CHECK(answer["after"]["completion_bytes"] == 1 << 20);
  CHECK(answer["after"]["completion"].get<std::string>().size() == 20000);
}

TEST_CASE("an empty folder and a half-written run still give a report that says what is missing") {
  RunFiles empty;
  CHECK(data_of(report_of(empty))["runs"][0]["notes"].size() == 5);
  RunFiles half;
  half.put_recipe();
  half.put_metrics(3);
  half.append("metrics.jsonl", R"({"stage":"zero","st)");
  half.append("completions.jsonl", R"({"stage":"zero","st)");
  const json run = data_of(report_of(half))["runs"][0];
  CHECK(run["metrics"][1]["num_steps"] == 3);
  CHECK(run["answers"].empty());
  CHECK(run["notes"].size() == 3);
}

TEST_CASE("several runs stand in one page in the order given") {
  RunFiles first;
  RunFiles second;
  first.put_recipe("one", 1);
  second.put_recipe("two", 2);
  write_report({read_run_folder(first.path()), read_run_folder(second.path())},
               first.file("both.html"));
  const json runs = data_of(read_file(first.file("both.html")))["runs"];
  REQUIRE(runs.size() == 2);
  CHECK(runs[0]["name"] == "one");
  CHECK(runs[1]["seed"] == 2);
}

TEST_CASE("a page of several seeds has each one's stages and cost, and means and differences") {
  const ChainRun first(1), second(2);
  first.add_exams(0);
  second.add_exams(3);
  first.put_cost("zero", {{"flops", 1e12}, {"time/seconds", 3600}});
  write_report({read_run_folder(first.path()), read_run_folder(second.path())},
               first.file("both.html"));
  const json data = data_of(read_file(first.file("both.html")));
  CHECK(data["runs"][1]["stage_table"]["rows"][1][0] == "zero");
  CHECK(data["runs"][1]["stage_table"]["header"][1] == "pass@1");
  CHECK(data["runs"][0]["cost"]["rows"][0][0] == "zero");
  CHECK(data["runs"][1]["cost"]["rows"].empty());
  REQUIRE(data["recipes"][0]["tables"].size() == 2);
  CHECK(data["recipes"][0]["tables"][0]["title"] == "Stages of chain, means over 2 runs");
  CHECK(data["recipes"][0]["tables"][1]["rows"][0][0] == "zero − base");
  CHECK(data["published_cost"]["rows"].size() == 4);
  write_report({read_run_folder(first.path())}, first.file("one.html"));
  const json alone = data_of(read_file(first.file("one.html")));
  REQUIRE(alone["recipes"][0]["tables"].size() == 1);
  CHECK(alone["recipes"][0]["tables"][0]["title"] == "Differences in chain, seed 1");
}

TEST_CASE("a policy's name cannot become markup in the tables") {
  const ChainRun run;
  run.add_exam("</script><b>", {1, 2});
  run.add_exam("zero", {1, 2});
  const std::string page = report_of(run);
  CHECK_FALSE(has(page, "</script><b>"));
  CHECK(data_of(page)["runs"][0]["stage_table"]["rows"][0][0] == "</script><b>");
}

TEST_CASE("no runs, a missing run and a place that cannot be written are errors") {
  RunFiles files;
  CHECK_THROWS_AS(write_report({}, files.file("report.html")), Error);
  CHECK_THROWS_AS(
      write_report({read_run_folder(files.file("nothing"))}, files.file("report.html")), Error);
  CHECK_THROWS_AS(
      write_report({read_run_folder(files.path())}, files.file("no/such/report.html")), Error);
  CHECK_FALSE(std::filesystem::exists(files.file("report.html")));
}

TEST_CASE("long columns are averaged in pieces, extremes kept as extremes") {
  const std::vector<double> column = {1, 2, std::nan(""), 4, 9};
  CHECK(thin_column("reward", column, 2) == std::vector<double>{1.5, 6.5});
  CHECK(thin_column("gap/max", column, 2) == std::vector<double>{2, 9});
  CHECK(thin_column("gap/min", column, 2) == std::vector<double>{1, 4});
  CHECK(thin_steps({1, 2, 3, 4, 5}, 2) == std::vector<int64_t>{3, 5});
  CHECK(thin_column("reward", column, 5).size() == 5);
  CHECK(std::isnan(thin_column("reward", {std::nan("")}, 1)[0]));
}

TEST_CASE("a value that is not finite is null in the page") {
  RunFolder run;
  run.metrics.push_back({"zero", "grpo", {1}, {{"kl", {std::numeric_limits<double>::infinity()}}}});
  CHECK(report_data(run)["metrics"][0]["columns"]["kl"][0].is_null());
}

}  // namespace
}  // namespace reckon::watch
