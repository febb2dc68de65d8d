#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <numeric>

#include "rollout/sampling.h"

namespace reckon::rollout {
namespace {

// The distribution after the filters by their definitions, token by token.
std::vector<double> filtered(const std::vector<float>& logits, const SamplingParams& params) {
  std::vector<double> p;
  for (const float logit : logits) p.push_back(std::exp(logit / params.temperature));
  const auto normalize = [&] {
    const double sum = std::accumulate(p.begin(), p.end(), 0.0);
    for (double& share : p) share /= sum;
  };
  // Tokens that stand before `id`: larger ones, and equal ones with a lower id.
  const auto before = [](const std::vector<double>& all, size_t id, size_t other) {
    return all[other] > all[id] || (all[other] == all[id] && other < id);
  };
  normalize();
  if (params.top_k > 0) {
    const auto all = p;
    for (size_t id = 0; id < p.size(); ++id) {
      int64_t better = 0;
      for (size_t other = 0; other < p.size(); ++other) better += before(all, id, other);
      if (better >= params.top_k) p[id] = 0;
    }
    normalize();
  }
  if (params.top_p < 1.0) {
    const auto all = p;
    for (size_t id = 0; id < p.size(); ++id) {
      double mass = 0;
      for (size_t other = 0; other < p.size(); ++other) mass += before(all, id, other) * all[other];
      // The smallest set of best tokens with at least this mass; the best one always.
      if (mass >= params.top_p - 1e-9 && mass > 0) p[id] = 0;
    }
    normalize();
  }
  if (params.min_p > 0.0) {
    const double largest = *std::max_element(p.begin(), p.end());
    for (double& share : p) share = share < params.min_p * largest * (1 - 1e-6) ? 0 : share;
    normalize();
  }
  return p;
}

// Draws at 2,000 places of the unit interval and checks which tokens come, how often, and their
// log-probabilities.
void check_filters(const std::vector<float>& logits, const SamplingParams& params) {
  constexpr int kDraws = 2000;
  CAPTURE(params.temperature);
  CAPTURE(params.top_k);
  CAPTURE(params.top_p);
  CAPTURE(params.min_p);
  const auto want = filtered(logits, params);
  Sampler sampler(params);
  std::map<int32_t, int> counts;
  double worst = 0;
  for (int i = 0; i < kDraws; ++i) {
    const auto token = sampler.sample(logits, (i + 0.5) / kDraws);
    ++counts[token.id];
    const double logprob = std::log(want[static_cast<size_t>(token.id)]);
    worst = std::max(worst, std::abs(token.logprob_truncated - logprob));
  }
  CHECK(worst < 1e-5);
  for (size_t id = 0; id < want.size(); ++id) {
    CHECK(std::abs(counts[static_cast<int32_t>(id)] - want[id] * kDraws) < 1.1);
  }
}

const std::vector<float> kDistinct = {0.5f, -1.0f, 2.0f, 0.0f, 1.25f, -2.0f, 1.0f, -0.5f};
const std::vector<float> kTied = {1, 0, 1, 2, 0, 1, 2, 0};
const std::vector<float> kEqual(8, 3.0f);

TEST_CASE("filters: top-k keeps the k likeliest, the lowest ids among equals") {
  for (const auto& logits : {kDistinct, kTied, kEqual}) {
    for (const int64_t k : {1, 2, 3, 4, 7, 8, 100}) {
      check_filters(logits, {.top_k = k});
      check_filters(logits, {.temperature = 0.6, .top_k = k});
    }
  }
}

TEST_CASE("filters: top-p keeps the smallest set of that mass, the lowest ids among equals") {
  for (const auto& logits : {kDistinct, kTied, kEqual}) {
    for (const double p : {0.0, 0.1, 0.3, 0.51, 0.8, 0.95, 0.999}) {
      check_filters(logits, {.top_p = p});
      check_filters(logits, {.temperature = 1.7, .top_p = p});
    }
  }
}

TEST_CASE("filters: top-p with equal tokens keeps exactly the count that reaches the mass") {
  const std::vector<float> quarters(4, 1.0f);
  const auto kept = [&](double p) {
    const SamplingParams params{.top_p = p};
    const float share = Sampler(params).sample(quarters, 0.0).logprob_truncated;
    return std::lround(std::exp(-share));
  };
  CHECK(kept(0.25) == 1);
  CHECK(kept(0.26) == 2);
  CHECK(kept(0.5) == 2);
  CHECK(kept(0.51) == 3);
  CHECK(kept(0.76) == 4);
}

TEST_CASE("filters: min-p keeps what has that share of the largest") {
  for (const auto& logits : {kDistinct, kTied, kEqual}) {
    for (const double p : {0.01, 0.1, 0.3, 0.5, 0.9, 1.0}) {
      check_filters(logits, {.min_p = p});
      check_filters(logits, {.temperature = 0.6, .min_p = p});
    }
  }
}

TEST_CASE("filters: several act in the order temperature, top-k, top-p, min-p") {
  for (const auto& logits : {kDistinct, kTied, kEqual}) {
    for (const int64_t k : {2, 4, 6}) {
      for (const double p : {0.4, 0.7, 0.9}) {
        for (const double least : {0.0, 0.2, 0.6}) {
          check_filters(logits, {.temperature = 1.3, .top_k = k, .top_p = p, .min_p = least});
        }
      }
    }
  }
}

TEST_CASE("filters: they leave the log-probability before them unchanged") {
  const SamplingParams bare{.temperature = 0.6};
  const SamplingParams all{.temperature = 0.6, .top_k = 3, .top_p = 0.9, .min_p = 0.1};
  CHECK(!bare.truncates());
  CHECK(all.truncates());
  // The likeliest token is kept by all filters and stands at u = 0.5 of both distributions.
  const auto with = Sampler(all).sample(kDistinct, 0.3);
  const auto without = Sampler(bare).sample(kDistinct, 0.3);
  REQUIRE(with.id == 2);
  REQUIRE(without.id == 2);
  CHECK(with.logprob == without.logprob);
  CHECK(with.logprob_t1 == without.logprob_t1);
  CHECK(with.logprob_truncated > without.logprob_truncated);
}

TEST_CASE("filters: they act on what is left beside a forbidden token") {
  const SamplingParams params{.top_k = 2};
  for (int i = 0; i < 100; ++i) {
    const auto token = Sampler(params).sample(kDistinct, i / 100.0, 2);
    CHECK((token.id == 4 || token.id == 6));  // the second and the third
    CHECK(token.logprob_truncated > -1.0f);
  }
}

}  // namespace
}  // namespace reckon::rollout
