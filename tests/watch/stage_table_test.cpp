#include "watch/stage_table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/bootstrap.h"
#include "tests/watch/chain_run.h"

namespace reckon::watch {
namespace {

using nlohmann::json;

std::vector<std::string> titles(const StageTable& table) {
  std::vector<std::string> names;
  for (const auto& column : table.columns) names.push_back(column.title);
  return names;
}

std::vector<std::string> names(const StageTable& table) {
  std::vector<std::string> rows;
  for (const auto& row : stage_grid(table).rows) rows.push_back(row.at(0));
  return rows;
}

const TableCell& cell(const StageTable& table, const std::string& row, const std::string& column) {
  const auto r = names(table);
  const auto c = titles(table);
  const auto at_row = std::find(r.begin(), r.end(), row),
             at_column = std::find(c.begin(), c.end(), column);
  REQUIRE(at_row != r.end());
  REQUIRE(at_column != c.end());
  return table.rows[static_cast<size_t>(at_row - r.begin())]
      .cells[static_cast<size_t>(at_column - c.begin())];
}

std::string text(const StageTable& table, const std::string& row, const std::string& column) {
  const Grid grid = stage_grid(table);
  const auto c = titles(table);
  const auto at = static_cast<size_t>(std::find(c.begin(), c.end(), column) - c.begin());
  for (const auto& cells : grid.rows) {
    if (cells.at(0) == row) return cells.at(at + 1);
  }
  return "no such row";
}

TEST_CASE("the exam with most policies gives the rows, others add columns under their name") {
  const ChainRun run;
  run.add_exams();
  const StageTable table = stage_table(read_run_folder(run.path()));
  CHECK(names(table) == std::vector<std::string>{"base", "zero", "dev1"});
  // The reward countdown says what pass@1 says, so it has no column.
  CHECK(titles(table) == std::vector<std::string>{"pass@1", "pass@4", "length", "wait", "language",
                                                  "clean", "pass@1 by language",
                                                  "pass@1 by difficulty", "lists\npass@1"});
  CHECK(cell(table, "zero", "pass@1").value == doctest::Approx(22.0 / 32.0));
  CHECK(text(table, "zero", "pass@1") == "0.69 ±0.03");
  CHECK(text(table, "zero", "pass@4") == "1.00 ±0.01");
  CHECK(text(table, "zero", "length") == "74 ±2");
  CHECK(text(table, "zero", "wait") == "1.4");
  CHECK(text(table, "zero", "language") == "0.50 ±0.03 (0.83 / 0.16)");
  CHECK(text(table, "zero", "pass@1 by difficulty") == "0.69 / 0.59");
  CHECK(text(table, "base", "lists\npass@1") == "–");
  CHECK(text(table, "dev1", "lists\npass@1") == "0.11 ±0.03");
  CHECK(stage_grid(table).header.at(5) == "language\n(en / ko)");
  CHECK(stage_grid(table).header.at(8) == "pass@1 by difficulty\neasy / hard");
}

TEST_CASE("a reward that agrees with accuracy for some policies only keeps its column") {
  const ChainRun run;
  run.add_exams();
  run.append_line("evals.jsonl", {{"stage", "exam"},
                                  {"policy", "r1"},
                                  {"data", "held_out"},
                                  {"accuracy", 0.5},
                                  {"rewards/countdown/mean", 0.6}});
  const auto found = titles(stage_table(read_run_folder(run.path())));
  CHECK(std::count(found.begin(), found.end(), "countdown") == 1);
}

TEST_CASE("without an eval stage the table has the last evaluation of each stage") {
  const ChainRun run;
  run.add_evaluation("base", 0, 0.3, 20.0);
  run.add_evaluation("zero", 10, 0.4, 30.0);
  run.add_evaluation("zero", 20, 0.6, 60.0);
  const StageTable table = stage_table(read_run_folder(run.path()));
  CHECK(names(table) == std::vector<std::string>{"base", "zero"});
  CHECK(cell(table, "zero", "pass@1").value == 0.6);
  CHECK(stage_table(read_run_folder(ChainRun().path())).rows.empty());
}

TEST_CASE("means over seeds have intervals over runs and prompts") {
  const ChainRun one(1), two(2);
  one.add_exams(0);
  two.add_exams(4);
  const std::vector<RunFolder> runs = {read_run_folder(one.path()), read_run_folder(two.path())};
  REQUIRE(by_recipe(runs).size() == 1);
  const StageTable table = mean_table(by_recipe(runs).front());
  const TableCell& dev1 = cell(table, "dev1", "pass@1");
  CHECK(*dev1.value == doctest::Approx((1.0 + 28.0 / 32.0) / 2));
  const std::vector<double> all(8, 1.0);
  const std::vector<double> most = {0, 1, 1, 1, 1, 1, 1, 1};
  const auto expected = two_level_interval({all, most}, 0);
  CHECK(dev1.low == expected[0]);
  CHECK(dev1.high == expected[1]);
  CHECK(cell(table, "dev1", "length").low.has_value());
  // Not listed by prompt: a mean without an interval.
  CHECK(cell(table, "dev1", "clean").value.has_value());
  CHECK_FALSE(cell(table, "dev1", "clean").low.has_value());
  CHECK(*cell(table, "dev1", "language").parts.at(1) == doctest::Approx(0.16));
  CHECK(stage_json(mean_table(by_recipe(runs).front())) == stage_json(table));
}

TEST_CASE("runs of one recipe with other settings stand apart") {
  RunFolder one, two;
  one.name = two.name = "chain";
  one.settings = "a";
  two.settings = "b";
  CHECK(by_recipe({one, two}).size() == 2);
  two.settings = "a";
  CHECK(by_recipe({one, two}).size() == 1);
}

TEST_CASE("runs of other recipes stand apart") {
  const ChainRun one, two;
  const RunFiles other;
  other.put_recipe("other");
  const std::vector<RunFolder> runs = {read_run_folder(one.path()), read_run_folder(other.path()),
                                       read_run_folder(two.path())};
  const auto groups = by_recipe(runs);
  REQUIRE(groups.size() == 2);
  CHECK(groups[0] == std::vector<const RunFolder*>{&runs[0], &runs[2]});
}

TEST_CASE("differences are paired over the prompts that both policies answered") {
  const ChainRun run;
  run.add_exams(0);
  const RunFolder folder = read_run_folder(run.path());
  const StageTable table = difference_table({&folder});
  CHECK(names(table) == std::vector<std::string>{"zero − base", "dev1 − zero", "dev1 − base"});
  CHECK(titles(table) == std::vector<std::string>{"pass@1", "length"});
  const TableCell& gain = cell(table, "zero − base", "pass@1");
  CHECK(*gain.value == doctest::Approx(6.0 / 32.0));
  const auto expected = bootstrap_interval({0.25, 0.25, 0.25, 0.25, 0, 0.25, 0.25, 0}, 0);
  CHECK(gain.low == expected[0]);
  CHECK(gain.high == expected[1]);
  // Far sharper than two intervals side by side: every prompt got better or stayed.
  CHECK(*gain.low > 0.05);
  CHECK(text(table, "zero − base", "pass@1").starts_with("+0.19 (+0."));

  const ChainRun short_run;
  short_run.add_exam("base", {4, 4, 4, 4});
  short_run.add_exam("zero", {3, 3});
  const RunFolder uneven = read_run_folder(short_run.path());
  CHECK(cell(difference_table({&uneven}), "zero − base", "pass@1").value == -0.25);
}

TEST_CASE("a difference that rounds to nothing has no sign") {
  const ChainRun run;
  run.add_exam("base", {2, 2});
  run.add_exam("zero", {2, 2});
  const RunFolder folder = read_run_folder(run.path());
  CHECK(text(difference_table({&folder}), "zero − base", "pass@1") == "0.00 (0.00 to 0.00)");
}

TEST_CASE("the numbers of a table are there as JSON") {
  const ChainRun run;
  run.add_exams();
  const json table = stage_json(stage_table(read_run_folder(run.path())));
  const json& row = table["rows"][1];
  CHECK(row["policy"] == "zero");
  CHECK(row["numbers"][0]["key"] == "accuracy");
  CHECK(row["numbers"][0]["stage"] == "exam");
  CHECK(row["numbers"][0]["low"].get<double>() == doctest::Approx(22.0 / 32.0 - 0.02));
  CHECK(row["numbers"][4]["parts"]["ko"] == 0.16);
  CHECK(table["rows"][0]["numbers"][8]["value"].is_null());
}

TEST_CASE("damaged lists of prompts are read as far as they make sense") {
  const ChainRun run;
  run.append_line("evals.jsonl",
                  {{"stage", "exam"},
                   {"policy", "base"},
                   {"accuracy", 0.5},
                   {"prompts", json::array({1,
                                            json::object(),
                                            {{"index", "x"}},
                                            {{"index", 2}, {"n", 0}, {"c", 1}},
                                            {{"index", 3}, {"n", 4}, {"c", 1}, {"values", 3}}})}});
  const RunFolder folder = read_run_folder(run.path());
  REQUIRE(folder.evaluations.size() == 1);
  CHECK(folder.evaluations[0].prompts.size() == 2);
  CHECK(folder.evaluations[0].prompts.at(3).at("accuracy") == 0.25);
}

}  // namespace
}  // namespace reckon::watch
