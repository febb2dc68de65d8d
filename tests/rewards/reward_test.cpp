#include "rewards/reward.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "rewards/overlong.h"

using namespace reckon;
using namespace reckon::rewards;
using nlohmann::json;

namespace {

std::optional<double> score(const Reward& reward, const SampleAddress& address,
                            int64_t num_tokens = 0, int64_t max_tokens = 0) {
  const json columns = json::object();
  return reward.score({"p", "c", false, columns, address, num_tokens, max_tokens}).value;
}

std::string message(const json& config) {
  try {
    make_reward(config, "/stages/1/rewards/0", "tiny.json");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_argument);
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a reward is named after its kind and weighs 1 unless the recipe says otherwise") {
  const auto plain = make_reward({{"kind", "random"}}, "/rewards/0");
  CHECK(plain->name() == "random");
  CHECK(plain->weight() == 1.0);
  CHECK(!plain->is_length_term());
  const auto named =
      make_reward({{"kind", "random"}, {"name", "coin"}, {"weight", -0.5}}, "/rewards/0");
  CHECK(named->name() == "coin");
  CHECK(named->weight() == -0.5);
}

TEST_CASE("wrong reward options are refused by file and key") {
  const std::string unknown = message({{"kind", "countdwon"}});
  CHECK(contains(unknown, "got \"countdwon\", in tiny.json /stages/1/rewards/0/kind"));
  for (const auto& kind : reward_kinds()) CHECK(contains(unknown, kind));
  CHECK(contains(message(json::object()), "got nothing"));
  CHECK(contains(message("countdown"), "expected an object"));
  CHECK(contains(message({{"kind", 5}}), "got 5"));
  CHECK(contains(message({{"kind", "random"}, {"probabilty", .4}}), "probability"));
  CHECK(contains(message({{"kind", "random"}, {"probability", 1.5}}), "/rewards/0/probability"));
  CHECK(contains(message({{"kind", "format"}, {"style", "boxed"}}), "/rewards/0/style"));
  CHECK(contains(message({{"kind", "overlong"}}), "overlong_buffer_len"));
}

TEST_CASE("every kind has a section in the documents") {
  std::ifstream file("docs/rewards.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const auto& kind : reward_kinds()) {
    INFO(kind);
    CHECK(contains(text, "\n## " + kind + "\n"));
    CHECK(contains(text, "| [`" + kind + "`](#" + kind + ") |"));
  }
}

TEST_CASE("the coin is a function of the address and falls with its probability") {
  const auto coin = make_reward({{"kind", "random"}, {"probability", 0.4}}, "/rewards/0");
  constexpr uint32_t kSamples = 40'000;
  double heads = 0;
  for (uint32_t i = 0; i < kSamples; ++i) {
    const SampleAddress address{7, 1, i / 256, i / 16 % 16, i % 16};
    const std::optional<double> value = score(*coin, address);
    REQUIRE((value == 0.0 || value == 1.0));
    REQUIRE(value == score(*coin, address));
    heads += *value;
  }
  // Deviation of the mean: 0.0025.
  CHECK(heads / kSamples == doctest::Approx(.4).epsilon(.025));
  const auto never = make_reward({{"kind", "random"}, {"probability", 0}}, "/rewards/0");
  const auto always = make_reward({{"kind", "random"}, {"probability", 1}}, "/rewards/0");
  CHECK(score(*never, {}) == 0.0);
  CHECK(score(*always, {}) == 1.0);
}

TEST_CASE("each part of the address turns the coin") {
  const auto coin = make_reward({{"kind", "random"}}, "/rewards/0");
  std::set<std::string> seen;
  const auto throws = [&](SampleAddress address, auto SampleAddress::*part) {
    std::string text;
    for (uint32_t i = 0; i < 64; ++i) {
      address.*part = i;
      text += *score(*coin, address) > 0 ? 'h' : 't';
    }
    CHECK(contains(text, "h"));
    CHECK(contains(text, "t"));
    seen.insert(text);
  };
  throws({}, &SampleAddress::seed);
  throws({}, &SampleAddress::stage);
  throws({}, &SampleAddress::step);
  throws({}, &SampleAddress::prompt);
  throws({}, &SampleAddress::sample);
  CHECK(seen.size() == 5);
}

TEST_CASE("the overlong penalty falls in a straight line over the buffer") {
  CHECK(overlong_penalty(0, 100, 20, 2.0) == 0.0);
  CHECK(overlong_penalty(80, 100, 20, 2.0) == 0.0);
  CHECK(overlong_penalty(81, 100, 20, 2.0) == doctest::Approx(-.1));
  CHECK(overlong_penalty(90, 100, 20, 2.0) == doctest::Approx(-1.0));
  CHECK(overlong_penalty(100, 100, 20, 2.0) == -2.0);
  CHECK(overlong_penalty(500, 100, 20, 2.0) == -2.0);
  CHECK_THROWS_AS(overlong_penalty(1, 100, 0, 2.0), Error);
}

TEST_CASE("the overlong reward is a length term and does not apply without a limit") {
  const auto reward =
      make_reward({{"kind", "overlong"}, {"overlong_buffer_len", 20}}, "/rewards/0");
  CHECK(reward->is_length_term());
  CHECK(score(*reward, {}, 90, 100) == doctest::Approx(-.5));
  CHECK(score(*reward, {}, 10, 100) == 0.0);
  CHECK(!std::signbit(*score(*reward, {}, 10, 100)));
  CHECK(!score(*reward, {}, 10, 0).has_value());
}

TEST_CASE("a reward with tasks scores only problems of these parts of a mixture") {
  const auto reward =
      make_reward({{"kind", "answer"}, {"tasks", {"lists", "sums"}}}, "/rewards/0", "tiny.json");
  const std::vector<json> rows = {{{"gold", "7"}, {"task", "lists"}},
                                  {{"gold", "7"}, {"task", "other"}},
                                  {{"gold", "7"}, {"task", 5}},
                                  {{"gold", "7"}},
                                  {{"gold", "8"}, {"task", "sums"}},
                                  json::array()};
  std::vector<RewardInput> inputs;
  for (const json& row : rows) inputs.push_back({"", "#### 7", false, row, {}, 0, 0});
  const auto results = reward->score_applicable(inputs);
  REQUIRE(results.size() == rows.size());
  CHECK(results[0].value == 1.0);
  CHECK(results[4].value == 0.0);
  for (const size_t other : {1, 2, 3, 5}) {
    CHECK(!reward->applies(rows[other]));
    CHECK(!results[other].value);
    CHECK(results[other].reason == "not for this task");
  }
  CHECK(reward->applies_to("sums"));
  CHECK(!reward->applies_to(""));
  CHECK(make_reward({{"kind", "answer"}}, "/rewards/0")->applies(rows[1]));
}
