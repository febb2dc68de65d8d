#include "watch/headline.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/watch/run_files.h"

namespace reckon::watch {
namespace {

TEST_CASE("the headline compares the first and last evaluation of reinforcement learning") {
  RunFiles files;
  files.put_recipe();
  files.put_metrics(40);
  files.add_evaluation("base", 3, 0.1, 20.0);
  files.add_evaluation("zero", 0, 0.4, 28.0);
  files.add_evaluation("zero", 20, 0.6, 50.0);
  files.add_evaluation("zero", 40, 0.8, 90.0);
  files.add_evaluation("exam", 0, 0.99, 10.0);
  const RunFolder run = read_run_folder(files.path());
  CHECK(held_out_curve(run).size() == 3);
  const Headline numbers = headline(run);
  REQUIRE(numbers.accuracy);
  CHECK(numbers.accuracy->before.value == 0.4);
  CHECK(numbers.accuracy->after.value == 0.8);
  CHECK(numbers.accuracy->after.step == 40);
  CHECK(numbers.accuracy->after.low == doctest::Approx(0.75));
  REQUIRE(numbers.mean_length);
  CHECK(numbers.mean_length->before.value == 28.0);
  CHECK_FALSE(numbers.accuracy_greedy);
}

TEST_CASE("without an evaluation at step 0 the last one before the stage stands for it") {
  RunFiles files;
  files.put_recipe();
  files.put_metrics(40);
  files.add_evaluation("base", 3, 0.4, 20.0);
  files.add_evaluation("zero", 20, 0.6, 50.0);
  const RunFolder run = read_run_folder(files.path());
  const auto points = held_out_curve(run);
  REQUIRE(points.size() == 2);
  CHECK(points[0].step == 0);
  CHECK(points[0].evaluation->value("accuracy") == 0.4);
}

TEST_CASE("a run without reinforcement learning compares its last evaluated stage") {
  RunFiles files;
  files.put("metrics.jsonl", R"({"stage":"base","kind":"pretrain","step":3})"
                             "\n"
                             R"({"stage":"more","kind":"pretrain","step":9})"
                             "\n");
  files.add_evaluation("base", 3, 0.40, 28.0);
  files.add_evaluation("more", 9, 0.48, 27.0);
  const RunFolder run = read_run_folder(files.path());
  const Headline numbers = headline(run);
  REQUIRE(numbers.accuracy);
  CHECK(numbers.accuracy->before.value == 0.40);
  CHECK(numbers.accuracy->after.value == 0.48);
}

TEST_CASE("a run without evaluations has no headline") {
  RunFiles files;
  files.put_metrics(4);
  const RunFolder run = read_run_folder(files.path());
  CHECK(held_out_curve(run).empty());
  CHECK_FALSE(headline(run).accuracy);
}

}  // namespace
}  // namespace reckon::watch
