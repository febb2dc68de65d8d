#include "watch/table_report.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "tests/watch/chain_run.h"

namespace reckon::watch {
namespace {

using nlohmann::json;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a report on one run has its stages, differences and cost") {
  const ChainRun run;
  run.add_exams();
  run.put_cost("zero", {{"flops", 1e12}, {"time/seconds", 3600}});
  const std::vector<RunFolder> runs = {read_run_folder(run.path())};
  const std::string text = table_report(runs, {});
  CHECK(has(text, "Stages of chain, seed 1\n"));
  CHECK(has(text, "Differences in chain, seed 1\n"));
  CHECK(has(text, "Cost of chain, seed 1\n"));
  CHECK(has(text, "H800-hours"));
  CHECK_FALSE(has(text, "means over"));
  for (size_t at = 0, end = 0; at < text.size(); at = end + 1) {
    end = text.find('\n', at);
    // Some characters have two or three bytes.
    CHECK(end - at <= 110 + 40);
  }
  const std::string cost = table_report(runs, {.only_cost = true});
  CHECK(cost.starts_with("Cost of chain"));
  CHECK_FALSE(has(cost, "pass@1"));
  CHECK(has(table_report(runs, {.form = TableRequest::Form::markdown}), "| zero | 0.69 ±0.03 |"));
}

TEST_CASE("a report on several seeds has each, their means, and differences over all") {
  const ChainRun one(1), two(2);
  one.add_exams(0);
  two.add_exams(3);
  const std::vector<RunFolder> runs = {read_run_folder(one.path()), read_run_folder(two.path())};
  const std::string text = table_report(runs, {});
  CHECK(has(text, "Stages of chain, seed 1\n"));
  CHECK(has(text, "Stages of chain, seed 2\n"));
  CHECK(has(text, "Stages of chain, means over 2 runs\n"));
  CHECK(has(text, "Differences in chain, means over 2 runs\n"));
  CHECK_FALSE(has(text, "H800"));
  const json numbers = json::parse(table_report(runs, {.form = TableRequest::Form::json}));
  CHECK(numbers["runs"][1]["seed"] == 2);
  CHECK(numbers["recipes"][0]["num_runs"] == 2);
  CHECK(numbers["recipes"][0]["means"]["rows"].size() == 3);
  const json& difference = numbers["recipes"][0]["differences"]["rows"][0];
  CHECK(difference["policy"] == "zero");
  CHECK(difference["minus"] == "base");
}

TEST_CASE("a run with nothing to show says so") {
  const ChainRun run;
  const std::vector<RunFolder> runs = {read_run_folder(run.path())};
  CHECK(has(table_report(runs, {}), "nothing has been evaluated yet"));
  CHECK(has(table_report(runs, {.only_cost = true}), "no stage has recorded its cost yet"));
}

TEST_CASE("the end of a run shows the table only where several policies were evaluated") {
  const ChainRun run;
  CHECK(stage_summary(read_run_folder(run.path())).empty());
  run.add_evaluation("zero", 20, 0.6, 60.0);
  run.add_exam("base", {1, 2});
  CHECK(stage_summary(read_run_folder(run.path())).empty());
  run.add_exam("zero", {2, 2});
  run.put_cost("zero", {{"flops", 1e12}, {"time/seconds", 3600}});
  const std::string summary = stage_summary(read_run_folder(run.path()));
  CHECK(has(summary, "Stages of chain"));
  CHECK(has(summary, "Cost of chain"));
  CHECK_FALSE(has(summary, "Differences"));
  CHECK_THROWS_AS(stage_summary(read_run_folder(run.file("nothing"))), Error);
}

}  // namespace
}  // namespace reckon::watch
