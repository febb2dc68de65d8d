#include "rollout/sampling.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "core/philox.h"
#include "tests/core/thrown_error.h"

namespace reckon::rollout {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr double kAlmostOne = 1.0 - 0x1p-53;  // the largest uniform there is

SampledToken sample(const std::vector<float>& logits, double uniform,
                    const SamplingParams& params = {}, int32_t forbidden = -1) {
  return Sampler(params).sample(logits, uniform, forbidden);
}

// softmax(logits / temperature) without the forbidden token.
std::vector<double> softmax(const std::vector<float>& logits, double temperature,
                            int32_t forbidden = -1) {
  const double maximum = *std::max_element(logits.begin(), logits.end());
  std::vector<double> result;
  double sum = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    const bool out = static_cast<int32_t>(i) == forbidden;
    sum += result.emplace_back(out ? 0.0 : std::exp((logits[i] - maximum) / temperature));
  }
  for (double& p : result) p /= sum;
  return result;
}

TEST_CASE("sampling: temperature 0 takes the largest logit, the lowest id among equals") {
  const SamplingParams greedy{.temperature = 0.0};
  CHECK(sample({1, 5, 3, 5, 5}, 0.99, greedy).id == 1);
  CHECK(sample({2, 2, 2}, 0.99, greedy).id == 0);
  CHECK(sample({-1e4f, -1e4f, -9999.0f}, 0.0, greedy).id == 2);
  CHECK(sample({-kInfinity, -3, -kInfinity}, 0.5, greedy).id == 1);
  CHECK(sample({1, 5, 3, 5, 5}, 0.0, greedy, 1).id == 3);
}

TEST_CASE("sampling: temperature 0 tells logits apart whose weights round to the same") {
  CHECK(sample({1e-9f, 2e-9f, 1.5e-9f}, 0.0, {.temperature = 0.0}).id == 1);
}

TEST_CASE(
    "sampling: temperature 0 with a token forbidden takes the best of the others, however far") {
  CHECK(sample({1e4f, -1e4f, -9e3f}, 0.0, {.temperature = 0.0}, 0).id == 2);
}

TEST_CASE("sampling: log-probabilities of a greedy token are those of temperature 1") {
  const std::vector<float> logits = {1, 4, 2};
  const auto token = sample(logits, 0.0, {.temperature = 0.0});
  CHECK(token.logprob == doctest::Approx(std::log(softmax(logits, 1.0)[1])));
  CHECK(token.logprob_t1 == token.logprob);
  CHECK(token.logprob_truncated == 0.0f);
}

// Statistic of Pearson's test: the frequencies of 20,000 draws against `expected`.
double chi_square(const std::vector<float>& logits, const SamplingParams& params,
                  const std::vector<double>& expected, int32_t forbidden = -1) {
  constexpr uint32_t kDraws = 20'000;
  const RandomStream stream({.seed = 3});
  Sampler sampler(params);
  std::vector<double> counts(logits.size());
  for (uint32_t i = 0; i < kDraws; ++i) {
    const auto token = sampler.sample(logits, stream.uniform(i, 0, 0), forbidden);
    counts[static_cast<size_t>(token.id)] += 1;
  }
  double statistic = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (expected[i] == 0.0) {
      CHECK(counts[i] == 0.0);
      continue;
    }
    const double mean = kDraws * expected[i];
    statistic += (counts[i] - mean) * (counts[i] - mean) / mean;
  }
  return statistic;
}

TEST_CASE("sampling: frequencies are those of the softmax at every temperature") {
  const std::vector<float> logits = {0.3f, -1, 2, 0, 1.5f, -0.7f, 0.9f, 2, -0.2f, 0.1f, 1, -1.5f};
  for (const double temperature : {0.7, 1.0, 1.3, 5.0}) {
    // 11 degrees of freedom: passed by chance once in 10^4.
    const SamplingParams params{.temperature = temperature};
    CHECK(chi_square(logits, params, softmax(logits, temperature)) < 37.4);
    CHECK(chi_square(logits, params, softmax(logits, temperature, 2), 2) < 35.6);
    // The test sees another distribution.
    CHECK(chi_square(logits, params, softmax(logits, 1.5 * temperature)) > 50);
  }
}

TEST_CASE("sampling: log-probabilities are those at the temperature and at temperature 1") {
  const std::vector<float> logits = {0.3f, -1, 2, 0, 1.5f};
  for (const double temperature : {0.5, 1.0, 2.0}) {
    for (const double uniform : {0.0, 0.3, 0.6, 0.9}) {
      const auto token = sample(logits, uniform, {.temperature = temperature});
      const auto id = static_cast<size_t>(token.id);
      CHECK(token.logprob == doctest::Approx(std::log(softmax(logits, temperature)[id])));
      CHECK(token.logprob_t1 == doctest::Approx(std::log(softmax(logits, 1.0)[id])));
      CHECK(token.logprob_truncated == token.logprob);
    }
  }
}

TEST_CASE("sampling: the draw inverts the cumulative distribution in ascending order of ids") {
  const std::vector<float> quarters(4, 1.0f);
  CHECK(sample(quarters, 0.0).id == 0);
  CHECK(sample(quarters, std::nextafter(0.25, 0)).id == 0);
  CHECK(sample(quarters, 0.25).id == 1);
  CHECK(sample(quarters, 0.5).id == 2);
  CHECK(sample(quarters, std::nextafter(0.75, 0)).id == 2);
  CHECK(sample(quarters, kAlmostOne).id == 3);
}

TEST_CASE("sampling: a token without weight is never drawn, at no end of the unit interval") {
  const std::vector<float> logits = {-kInfinity, -1e4f, 0, -1e4f, 0, -kInfinity, -1e4f};
  for (int i = 0; i <= 1000; ++i) {
    const auto id = sample(logits, std::min(i / 1000.0, kAlmostOne)).id;
    CHECK(id == (i < 500 ? 2 : 4));
  }
  CHECK(sample(logits, 0x1p-53).id == 2);
  // Sums of many small weights round: the last draw must still have weight.
  std::vector<float> many(1000, -20.0f);
  many.resize(1200, -kInfinity);
  for (float width = 1.0f; width < 40.0f; width += 0.37f) {
    many[17] = width;
    CHECK(sample(many, kAlmostOne).id < 1000);
  }
}

TEST_CASE("sampling: a forbidden token is not drawn, whatever its share") {
  const std::vector<float> sure = {-50, 1e4f, -51, -1e4f};
  for (const double uniform : {0.0, 0.3, 0.74, kAlmostOne}) {
    const auto token = sample(sure, uniform, {}, 1);
    CHECK(token.id == (uniform < 0.7 ? 0 : 2));
    // Of the policy's own distribution, and of what was drawn from.
    CHECK(token.logprob == doctest::Approx(token.id == 0 ? -10050.0 : -10051.0));
    const double share = 1 / (1 + std::exp(token.id == 0 ? -1.0 : 1.0));
    CHECK(token.logprob_truncated == doctest::Approx(std::log(share)));
  }
  for (const double uniform : {0.0, 0.5, kAlmostOne}) CHECK(sample({0, 0}, uniform, {}, 0).id == 1);
}

TEST_CASE("sampling: extreme logits give numbers, never NaN") {
  const std::vector<std::vector<float>> rows = {{1e4f, -1e4f, 0},
                                                {-1e4f, -1e4f},
                                                {1e4f, 1e4f, 1e4f},
                                                {-kInfinity, 0, -kInfinity},
                                                {-kInfinity, -1e4f, 1e4f},
                                                {0},
                                                std::vector<float>(170, 0.0f)};
  for (const auto& row : rows) {
    for (const double temperature : {0.0, 0.01, 1.0, 100.0}) {
      for (const double top_p : {0.0, 0.5, 1.0}) {
        for (const double uniform : {0.0, 0.5, kAlmostOne}) {
          const auto token = sample(row, uniform, {.temperature = temperature, .top_p = top_p});
          CHECK(std::isfinite(row[static_cast<size_t>(token.id)]));
          CHECK(std::isfinite(token.logprob));
          CHECK(std::isfinite(token.logprob_t1));
          CHECK(std::isfinite(token.logprob_truncated));
          CHECK(token.logprob <= 1e-3f);
        }
      }
    }
  }
}

TEST_CASE("sampling: logits of a policy that diverged are an error") {
  const float nan = std::nanf("");
  const SamplingParams filtered{.top_k = 3, .top_p = 0.9};
  std::vector<float> one(40, 0.5f);
  one[21] = nan;
  for (const auto& row : {std::vector<float>(40, nan), one, std::vector<float>(40, kInfinity),
                          std::vector<float>(40, -kInfinity)}) {
    for (const SamplingParams& params : {SamplingParams{}, filtered, {.temperature = 0.0}}) {
      const auto thrown = tests::thrown_by([&] { sample(row, 0.5, params); });
      CHECK(thrown.code == ErrorCode::internal);
      CHECK(thrown.says("diverged"));
    }
  }
}

TEST_CASE("sampling: a forbidden token outside the vocabulary, or the only one, is an error") {
  const auto outside = tests::thrown_by([] { sample({1, 2}, 0.5, {}, 2); });
  CHECK(outside.code == ErrorCode::invalid_argument);
  CHECK(outside.says("below 2, got 2"));
  CHECK(tests::thrown_by([] { sample({1}, 0.5, {}, 0); }).code == ErrorCode::internal);
}

TEST_CASE("sampling: one sampler serves rows of different widths") {
  const SamplingParams params{.top_k = 2};
  Sampler sampler(params);
  CHECK(sampler.sample(std::vector<float>{0, 9, 0, 0, 0}, 0.5).id == 1);
  CHECK(sampler.sample(std::vector<float>{9, 0}, 0.5).id == 0);
  CHECK(sampler.sample(std::vector<float>{0, 0, 0, 0, 0, 0, 9}, 0.5).id == 6);
}

}  // namespace
}  // namespace reckon::rollout
