#include "rl/gold_check.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

std::unique_ptr<tasks::ProblemSource> data_set(const TempFolder& folder, double max_unreadable) {
  const auto path = folder.path() / "rows.jsonl";
  write_file_atomic(path, R"({"prompt": "a", "gold": "\\frac{1}{2}"}
{"prompt": "b", "gold": "\\frac{1}{"}
{"prompt": "c", "gold": "x^2"}
)");
  return tasks::make_task({{"kind", "jsonl"},
                           {"path", path.string()},
                           {"held_out_fraction", 0.0},
                           {"max_unreadable", max_unreadable}},
                          {"/task"});
}

Scorer math_scorer() { return Scorer({json{{"kind", "math"}}}, "/rewards", "recipe"); }

}  // namespace

TEST_CASE("rows whose gold cannot be read are told and left out") {
  const TempFolder folder;
  auto task = data_set(folder, 0.5);
  const auto rejected = reject_golds(*task, math_scorer());
  REQUIRE(rejected.size() == 1);
  CHECK(rejected[0].line == 2);
  CHECK(rejected[0].reward == "math");
  CHECK(rejected[0].reason.starts_with("gold_unreadable"));
  CHECK(task->rows().size() == 2);
}

TEST_CASE("a data set with too many of them is refused") {
  const TempFolder folder;
  auto task = data_set(folder, 0.1);
  CHECK_THROWS_AS(reject_golds(*task, math_scorer()), Error);
}

TEST_CASE("generated tasks have no rows to check") {
  const auto task = tasks::make_task({{"kind", "arithmetic"}}, {"/task"});
  CHECK(reject_golds(*task, math_scorer()).empty());
}

TEST_CASE("a reward checks the golds of its own parts of a mixture only") {
  const TempFolder folder;
  const auto path = folder.path() / "others.jsonl";
  write_file_atomic(path, "{\"prompt\": \"a\", \"gold\": \"\\\\frac{1}{\"}\n");
  data_set(folder, 0.5);
  const auto part = [](const char* name, const std::filesystem::path& file) {
    return json{{"name", name},
                {"task",
                 {{"kind", "jsonl"},
                  {"path", file.string()},
                  {"held_out_fraction", 0.0},
                  {"max_unreadable", 0.5}}}};
  };
  const auto task = tasks::make_task(
      {{"kind", "mixture"},
       {"parts", {part("words", path), part("mathematics", folder.path() / "rows.jsonl")}}},
      {"/task"});
  const Scorer scorer({json{{"kind", "math"}, {"tasks", {"mathematics"}}}}, "/rewards", "recipe");
  const auto rejected = reject_golds(*task, scorer);
  REQUIRE(rejected.size() == 1);
  CHECK(rejected[0].line == 2);
  REQUIRE(task->rows().size() == 3);
  CHECK(task->rows()[0].task == "words");
}
