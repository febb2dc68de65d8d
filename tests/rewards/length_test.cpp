#include "rewards/length.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"

using namespace reckon;
using namespace reckon::rewards;
using nlohmann::json;

namespace {

/// The value for an answer of so many tokens; the gold is 7.
std::optional<double> score(const json& config, std::string_view completion, int64_t tokens,
                            int64_t limit = 100, const json& columns = {{"gold", 7}}) {
  return make_reward(config, "/rewards/0")
      ->score({"", completion, false, columns, {}, tokens, limit})
      .value;
}

const json kAnswer = {{"kind", "answer"}};
const json kCosine = {{"kind", "cosine"}, {"accuracy", kAnswer}};
const json kLength = {{"kind", "length"}, {"accuracy", kAnswer}};

}  // namespace

TEST_CASE("half a cosine goes from its first value to its last, flat at the ends") {
  CHECK(half_cosine(0, 3, 1) == doctest::Approx(3));
  CHECK(half_cosine(1, 3, 1) == doctest::Approx(1));
  CHECK(half_cosine(.5, 3, 1) == doctest::Approx(2));
  CHECK(half_cosine(.25, 3, 1) == doctest::Approx(1 + .5 * 2 * (1 + std::sqrt(.5))));
  CHECK(half_cosine(7, 3, 1) == doctest::Approx(1));
  CHECK(half_cosine(-7, 3, 1) == doctest::Approx(3));
}

TEST_CASE("cosine pays right answers more the shorter and wrong ones more the longer they are") {
  CHECK(score(kCosine, "#### 7", 0) == doctest::Approx(1));
  CHECK(score(kCosine, "#### 7", 50) == doctest::Approx(.75));
  CHECK(score(kCosine, "#### 7", 100) == doctest::Approx(.5));
  CHECK(score(kCosine, "#### 7", 900) == doctest::Approx(.5));
  CHECK(score(kCosine, "#### 8", 0) == doctest::Approx(-1));
  CHECK(score(kCosine, "#### 8", 50) == doctest::Approx(-.75));
  CHECK(score(kCosine, "#### 8", 100) == doctest::Approx(-.5));
}

TEST_CASE("the ends of the cosine and its longest length are options") {
  const json config = {{"kind", "cosine"},       {"accuracy", kAnswer},    {"max_len", 10},
                       {"min_value_correct", 2}, {"max_value_correct", 4}, {"min_value_wrong", -8},
                       {"max_value_wrong", -6}};
  CHECK(score(config, "#### 7", 5) == doctest::Approx(3));
  CHECK(score(config, "#### 7", 10, 0) == doctest::Approx(2));
  CHECK(score(config, "#### 8", 0, 0) == doctest::Approx(-8));
}

TEST_CASE("length falls in a straight line and never pays a wrong answer") {
  CHECK(score(kLength, "#### 7", 0) == doctest::Approx(.5));
  CHECK(score(kLength, "#### 7", 25) == doctest::Approx(.25));
  CHECK(score(kLength, "#### 7", 100) == doctest::Approx(-.5));
  CHECK(score(kLength, "#### 8", 25) == 0.0);
  CHECK(score(kLength, "#### 8", 75) == doctest::Approx(-.25));
}

TEST_CASE("a reward for lengths does not apply where the gold or the limit is unknown") {
  for (const json& config : {kCosine, kLength}) {
    CHECK(make_reward(config, "")->is_length_term());
    CHECK(!score(config, "#### 7", 10, 100, json::object()));
    CHECK(!score(config, "#### 7", 10, 0));
  }
}

TEST_CASE("a batch gives what its samples give one by one") {
  const auto reward = make_reward(kCosine, "");
  const json columns = {{"gold", 7}};
  const std::vector<RewardInput> inputs = {{"", "#### 7", false, columns, {}, 30, 100},
                                           {"", "#### 8", false, columns, {}, 60, 100}};
  const auto results = reward->score_all(inputs);
  REQUIRE(results.size() == 2);
  for (size_t i = 0; i < 2; ++i) CHECK(results[i].value == reward->score(inputs[i]).value);
}

TEST_CASE("the reward inside is named by its place in messages") {
  const auto message = [](const json& config) -> std::string {
    try {
      make_reward(config, "/rewards/0", "r.json");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  CHECK(message({{"kind", "cosine"}}).find("accuracy") != std::string::npos);
  CHECK(message({{"kind", "cosine"}, {"accuracy", {{"kind", "nope"}}}})
            .find("/rewards/0/accuracy/kind") != std::string::npos);
}
