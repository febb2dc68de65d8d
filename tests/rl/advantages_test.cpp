#include "rl/advantages.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "rl/token_returns.h"
#include "tests/core/thrown_error.h"
#include "tests/rl/golden.h"

using namespace reckon;
using namespace reckon::rl;

namespace {

const Rewards kRewards = {1.0, 0.0, 0.25, 0.5, 0.1, 0.1, 0.7, 0.9, 0.0, 0.0, 0.0, 1.0};

constexpr ScaleRewards kScales[] = {ScaleRewards::none, ScaleRewards::group, ScaleRewards::batch};

Rewards changed(const Rewards& rewards, double factor, double constant) {
  Rewards out = rewards;
  for (auto& reward : out) {
    if (reward) *reward = *reward * factor + constant;
  }
  return out;
}

double largest_difference(const Advantages& a, const Advantages& b) {
  double worst = 0.0;
  for (size_t i = 0; i < a.values.size(); ++i) {
    worst = std::max(worst, std::abs(a.values[i] - b.values[i]));
  }
  return worst;
}

}  // namespace

TEST_CASE("advantages are those of the golden file for every scaling") {
  const GoldenFile golden("grpo_loss.safetensors");
  const auto cases = golden.metadata("cases");
  for (const auto& [name, settings] : cases.items()) {
    CAPTURE(name);
    const auto values = golden.numbers(name + "/rewards");
    const auto scale = parse_scale_rewards(settings.at("scale_rewards").get<std::string>());
    const auto got = group_advantages(Rewards(values.begin(), values.end()), 4, scale);
    CHECK(relative_error(at::tensor(got.values, at::kDouble), golden.tensor(name + "/advantages")) <
          1e-12);
  }
}

TEST_CASE("a constant added to all rewards changes no advantage") {
  for (const auto scale : kScales) {
    const auto plain = group_advantages(kRewards, 4, scale);
    const auto shifted = group_advantages(changed(kRewards, 1.0, 3.5), 4, scale);
    CHECK(largest_difference(plain, shifted) < 1e-12);
    CHECK(plain.zero_std == shifted.zero_std);
  }
}

TEST_CASE("a factor on all rewards changes advantages only where nothing is divided out") {
  for (const auto scale : kScales) {
    const auto plain = group_advantages(kRewards, 4, scale);
    const auto scaled = group_advantages(changed(kRewards, 10.0, 0.0), 4, scale);
    // What is left is the 1e-4 that is added to the deviation.
    const double difference = largest_difference(plain, scaled);
    if (scale == ScaleRewards::none) {
      CHECK(difference > 1.0);
    } else {
      CHECK(difference < 1e-3);
    }
  }
}

TEST_CASE("only maxrl notices a constant added to all rewards") {
  for (const std::string name : {"rloo", "reinforce_pp_baseline", "maxrl"}) {
    CAPTURE(name);
    const auto estimator = parse_advantage_estimator(name);
    const auto plain = estimate_advantages(estimator, kRewards, 4, ScaleRewards::none);
    const auto shifted =
        estimate_advantages(estimator, changed(kRewards, 1.0, 3.5), 4, ScaleRewards::none);
    CHECK((largest_difference(plain, shifted) < 1e-12) == (name != "maxrl"));
  }
}

TEST_CASE("rloo has the mean of the others as baseline") {
  const Rewards rewards = {1.0, 0.0, std::nullopt, 0.5};
  const auto got =
      estimate_advantages(AdvantageEstimator::rloo, rewards, 4, ScaleRewards::none).values;
  CHECK(got == std::vector<double>{0.75, -0.75, 0.0, 0.0});
}

TEST_CASE("maxrl divides by the mean: rare answers count more, a group of zeros counts nothing") {
  const Rewards rewards = {1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0};
  const auto got =
      estimate_advantages(AdvantageEstimator::maxrl, rewards, 4, ScaleRewards::none).values;
  CHECK(got[0] == doctest::Approx(0.75 / 0.2501));
  CHECK(got[4] == doctest::Approx(0.25 / 0.7501));
  for (size_t i = 8; i < 12; ++i) CHECK(got[i] == 0.0);
  const auto error = tests::thrown_by([] {
    estimate_advantages(AdvantageEstimator::maxrl, Rewards{1.0, -0.5}, 2, ScaleRewards::none);
  });
  CHECK(error.code == ErrorCode::invalid_argument);
  CHECK(error.says("-0.5"));
}

TEST_CASE("advantages of tokens are whitened returns; later penalties count for earlier tokens") {
  const std::vector<double> penalty = {0.1, 0.0, 0.4};
  const std::vector<ReturnSequence> sequences = {
      {1.0, 3, penalty}, {0.0, 1, {}}, {std::nullopt, 2, {}}, {7.0, 1, {}, false}};
  const auto got = reinforce_pp_advantages(sequences);
  // Returns 0.5, 0.6, 0.6 and 0: the masked and the unscorable completion are left out of the mean.
  const double mean = 1.7 / 4.0, deviation = std::sqrt((0.25 + 0.72 - 4.0 * mean * mean) / 3.0);
  const auto whitened = [&](double value) {
    return doctest::Approx((value - mean) / (deviation + 1e-4));
  };
  REQUIRE(got.size() == 4);
  CHECK(got[0].at(0) == whitened(0.5));
  CHECK(got[0].at(1) == whitened(0.6));
  CHECK(got[0].at(2) == whitened(0.6));
  CHECK(got[1].at(0) == whitened(0.0));
  CHECK(got[2] == std::vector<double>{0.0, 0.0});
  CHECK(got[3].at(0) == whitened(7.0));
}

TEST_CASE("equal rewards give advantages of exactly zero") {
  // 0.1 + 0.1 + 0.1 is not 3 · 0.1 in binary: a mean by summing alone would leave a residue.
  for (const double reward : {0.1, 1.0 / 3.0, 0.7}) {
    for (const auto scale : kScales) {
      const auto got = group_advantages(Rewards(9, reward), 3, scale);
      CHECK(got.values == std::vector<double>(9, 0.0));
      CHECK(got.zero_std == std::vector<bool>(3, true));
    }
  }
}

TEST_CASE("a completion without reward is left out of mean and deviation") {
  const Rewards with = {1.0, std::nullopt, 0.0, 0.5};
  const Rewards without = {1.0, 0.0, 0.5};
  for (const auto scale : kScales) {
    const auto got = group_advantages(with, 4, scale);
    const auto expected = group_advantages(without, 3, scale);
    CHECK(got.values ==
          std::vector<double>{expected.values[0], 0.0, expected.values[1], expected.values[2]});
    CHECK(got.group_mean.at(0) == doctest::Approx(0.5));
    CHECK_FALSE(got.zero_std.at(0));
  }
}

TEST_CASE("a group with fewer than two scores has no signal") {
  const Rewards rewards = {std::nullopt, 1.0, std::nullopt, std::nullopt, 1.0, 0.0};
  for (const auto scale : kScales) {
    const auto got = group_advantages(rewards, 2, scale);
    CHECK(got.zero_std == std::vector<bool>{true, true, false});
    for (size_t i = 0; i < 4; ++i) CHECK(got.values[i] == 0.0);
    CHECK(got.values[4] > 0.0);
    CHECK(got.values[5] == -got.values[4]);
  }
}

TEST_CASE("advantages of a group do not depend on other groups unless the batch scales them") {
  auto other = kRewards;
  other[0] = 8.0;
  for (const auto scale : kScales) {
    const auto a = group_advantages(kRewards, 4, scale);
    const auto b = group_advantages(other, 4, scale);
    const bool same = a.values[11] == b.values[11];
    CHECK(same == (scale != ScaleRewards::batch));
  }
}

TEST_CASE("the covariance of length and reward is the mean over groups") {
  const std::vector<double> lengths = {10, 20, 30, 40, 5, 5};
  // Groups of two: covariances -2.5 and 0 (equal rewards), and a group without two scores.
  const Rewards rewards = {1.0, 0.0, 0.5, 0.5, std::nullopt, 1.0};
  CHECK(group_covariance(lengths, rewards, 2) == doctest::Approx(-2.5 / 3.0));
  CHECK(group_covariance(lengths, changed(rewards, 2.0, 1.0), 2) == doctest::Approx(-5.0 / 3.0));
}

TEST_CASE("rewards that are no whole groups and unknown scalings are errors") {
  CHECK(tests::thrown_by([] {
          group_advantages(kRewards, 5, ScaleRewards::none);
        }).says("whole groups of 5"));
  const auto error = tests::thrown_by([] { parse_scale_rewards("std"); });
  CHECK(error.code == ErrorCode::invalid_argument);
  CHECK(error.says("none, group or batch"));
}
