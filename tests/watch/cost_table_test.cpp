#include "watch/cost_table.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/watch/chain_run.h"

namespace reckon::watch {
namespace {

using nlohmann::json;
using Row = std::vector<std::string>;

// Two stages with a record.
void put_costs(const ChainRun& run) {
  run.put_cost("zero", {{"kind", "grpo"},
                        {"num_parameters", 441120},
                        {"prompt_tokens", 20000},
                        {"sampled_tokens", 1300000},
                        {"trained_tokens", 1320000},
                        {"scored_tokens", 0},
                        {"flops", 4.64e12},
                        {"devices", 2},
                        {"device", "cuda"},
                        {"time/seconds", 1800.0}});
  run.put_cost("dev1", {{"kind", "sft"},
                        {"trained_tokens", 196000},
                        {"flops", 5.2e11},
                        {"devices", 1},
                        {"device", "cpu"},
                        {"time/seconds", 36.0}});
}

TEST_CASE("the cost of a run has one row a stage with a record, and a total") {
  const ChainRun run;
  put_costs(run);
  const CostTable costs = read_costs(read_run_folder(run.path()));
  REQUIRE(costs.stages.size() == 2);
  const Grid grid = cost_grid(costs);
  REQUIRE(grid.rows.size() == 3);
  CHECK(grid.rows[0] ==
        Row{"zero", "grpo", "20.0k", "1.3M", "1.3M", "0", "4.6e12", "30m00s", "1.00"});
  CHECK(grid.rows[1] == Row{"dev1", "sft", "0", "0", "196k", "0", "5.2e11", "36s", "0.0100"});
  CHECK(grid.rows[2] == Row{"total", "", "20.0k", "1.3M", "1.5M", "0", "5.2e12", "30m36s", "1.01"});
  CHECK(grid.note.starts_with("Device: 2 cuda, cpu. "));
  CHECK(total_cost(costs).device_hours() == doctest::Approx(1.01));
}

TEST_CASE("a price adds money by the hours of devices") {
  const ChainRun run;
  put_costs(run);
  const CostTable costs = read_costs(read_run_folder(run.path()));
  const Price price{3.0, "EUR"};
  const Grid grid = cost_grid(costs, price);
  CHECK(grid.header.back() == "EUR");
  CHECK(grid.rows[0].back() == "3.00");
  CHECK(grid.rows[1].back() == "0.0300");
  CHECK(grid.rows[2].back() == "3.03");
  CHECK(grid.note.find("3 EUR an hour") != std::string::npos);
  const json numbers = cost_json(costs, price);
  CHECK(numbers["total"]["money"].get<double>() == doctest::Approx(3.03));
  CHECK(numbers["stages"][0]["sampled_tokens"] == 1300000);
  CHECK_FALSE(cost_json(costs)["total"].contains("money"));
}

TEST_CASE("records that are missing, broken or nonsense do not hide the others") {
  const ChainRun run;
  CHECK(cost_grid(read_costs(read_run_folder(run.path()))).empty());
  put_costs(run);
  run.put("stages/zero/cost.json", R"({"kind":)");
  run.put_cost("base", {{"flops", -3}, {"time/seconds", "long"}, {"devices", nullptr}});
  const CostTable costs = read_costs(read_run_folder(run.path()));
  REQUIRE(costs.stages.size() == 2);
  CHECK(costs.stages[0].kind == "pretrain");
  CHECK(costs.stages[0].flops == 0.0);
  CHECK(costs.stages[0].devices == 1.0);
  CHECK(cost_grid(costs).note.find("The cost of stage zero cannot be read") != std::string::npos);
}

TEST_CASE("a stage's name does not lead out of the run folder") {
  const RunFiles run;
  std::filesystem::create_directories(run.file("stages"));
  const json stages = {{{"name", ".."}, {"kind", "sft"}}, {{"name", "a/../.."}, {"kind", "sft"}}};
  run.put("recipe.json", json{{"recipe", {{"name", "x"}, {"stages", stages}}}}.dump());
  run.put("cost.json", json{{"flops", 1}}.dump());
  CHECK(read_costs(read_run_folder(run.path())).stages.empty());
}

TEST_CASE("the published hours add up") {
  CHECK(published_cost_grid().rows.back() == Row{"total", "147,000"});
}

}  // namespace
}  // namespace reckon::watch
