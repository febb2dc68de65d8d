#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "core/config.h"
#include "tests/core/thrown_error.h"

using nlohmann::json;
using reckon::apply_override;
using reckon::tests::thrown_by;

namespace {

json recipe() {
  return {{"seed", 7},
          {"stages",
           {{{"name", "base"}, {"max_steps", 1600}},
            {{"name", "zero"}, {"rewards", {{{"kind", "countdown"}}}}}}},
          {"numbers", {3, 4}}};
}

json after(const std::string& assignment) {
  json document = recipe();
  apply_override(document, assignment);
  return document;
}

reckon::tests::ThrownError error_of(const std::string& assignment) {
  return thrown_by([&] { after(assignment); });
}

}  // namespace

TEST_CASE("an override sets a value by keys, names of items and numbers") {
  CHECK(after("seed=8")["seed"] == 8);
  CHECK(after("stages.zero.learning_rate=1e-4")["stages"][1]["learning_rate"] == 1e-4);
  CHECK(after("stages.0.max_steps=5")["stages"][0]["max_steps"] == 5);
  CHECK(after("stages.zero.rewards.0.weight=2")["stages"][1]["rewards"][0]["weight"] == 2);
  CHECK(after("numbers.1=6")["numbers"] == json{3, 6});
  CHECK(after("model.preset=tiny-0.4m")["model"]["preset"] == "tiny-0.4m");
}

TEST_CASE("a value is JSON, or else a string") {
  CHECK(after("a=true")["a"] == true);
  CHECK(after("a=null")["a"].is_null());
  CHECK(after("a=[1, {\"b\": 2}]")["a"] == json::parse("[1, {\"b\": 2}]"));
  CHECK(after("a=\"7\"")["a"] == "7");
  CHECK(after("a=cuda:1")["a"] == "cuda:1");
  CHECK(after("a=b=c")["a"] == "b=c");
  CHECK(after("a=")["a"] == "");
  CHECK(after("a=nan")["a"] == "nan");
}

TEST_CASE("a name of an item that does not exist is an error that names those that do") {
  const auto error = error_of("stages.zeros.beta=1");
  CHECK(error.code == reckon::ErrorCode::invalid_argument);
  CHECK(error.says("base, zero"));
  CHECK(error.says("`stages`"));
  CHECK(error.says("`zeros`"));
  CHECK(error_of("stages.2.beta=1").says("0 to 1"));
  CHECK(error_of("stages.-1.beta=1").says("base, zero"));
  CHECK(error_of("stages.zero.rewards.1.x=1").says("(0)"));
  CHECK(error_of("numbers.99999999999999999999999=1").says("0 to 1"));
}

TEST_CASE("assignments that make no sense are errors") {
  for (const std::string text : {"", "=", "=1", "seed", "a..b=1", ".a=1", "a.=1", "seed.x=1"}) {
    CAPTURE(text);
    CHECK(error_of(text).code == reckon::ErrorCode::invalid_argument);
  }
  CHECK(error_of("seed.x=1").says("`seed`, got 7"));
}

TEST_CASE("an override that fails leaves the document as it was") {
  json document = recipe();
  CHECK(thrown_by([&] { apply_override(document, "fresh.deep..x=1"); }).says("empty part"));
  CHECK(document == recipe());
}
