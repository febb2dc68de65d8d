#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "rewards/math/math.h"

namespace reckon::rewards::math {

TEST_CASE("the probes of every rule get the verdict that stands beside them") {
  std::ifstream file("tests/rewards/math/probe_cases.jsonl");
  REQUIRE(file);
  size_t count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    CAPTURE(line);
    const nlohmann::json probe = nlohmann::json::parse(line);
    const Verdict verdict =
        grade_answer(probe.at("answer").get<std::string>(), probe.at("gold").get<std::string>());
    CHECK(verdict.score == (probe.at("equal").get<bool>() ? 1.0 : 0.0));
  }
  CHECK(count >= 140);
}

}  // namespace reckon::rewards::math
