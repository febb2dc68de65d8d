#include "rl/pass_at_k.h"

#include <doctest/doctest.h>

#include <bit>

#include "core/error.h"

using namespace reckon;
using namespace reckon::rl;

namespace {

double choose(int64_t n, int64_t k) {
  double out = 1.0;
  for (int64_t i = 0; i < k; ++i) out *= static_cast<double>(n - i) / static_cast<double>(i + 1);
  return k > n ? 0.0 : out;
}

// Mean of `score` over all subsets of k of the numbers 0 ... n-1, given as bits.
template <class Score>
double mean_over_subsets(int n, int k, const Score& score) {
  double sum = 0.0, all = 0.0;
  for (unsigned subset = 0; subset < (1U << n); ++subset) {
    if (std::popcount(subset) != k) continue;
    all += 1.0;
    sum += score(subset);
  }
  return sum / all;
}

std::vector<Vote> votes(const std::string& answers, char right) {
  std::vector<Vote> list;
  for (const char c : answers) {
    list.push_back({c == ' ' ? "" : std::string(1, c), c == right});
  }
  return list;
}

}  // namespace

TEST_CASE("pass@k is the share of k-subsets with a right answer") {
  for (int n = 1; n <= 9; ++n) {
    for (int c = 0; c <= n; ++c) {
      for (int k = 1; k <= n; ++k) {
        const double counted = mean_over_subsets(
            n, k, [&](unsigned subset) { return (subset & ((1U << c) - 1U)) != 0 ? 1.0 : 0.0; });
        CHECK(pass_at_k(n, c, k) == doctest::Approx(counted).epsilon(1e-12));
      }
    }
  }
  CHECK(pass_at_k(64, 3, 32) ==
        doctest::Approx(1.0 - choose(61, 32) / choose(64, 32)).epsilon(1e-12));
  // Binomials of this size do not fit a double.
  CHECK(pass_at_k(10'000, 1, 5'000) == doctest::Approx(0.5).epsilon(1e-9));
}

TEST_CASE("the most frequent answer decides, and answers that cannot be read do not vote") {
  CHECK(majority_score(votes("aab", 'a')) == 1.0);
  CHECK(majority_score(votes("aab", 'b')) == 0.0);
  CHECK(majority_score(votes("   a", 'a')) == 1.0);
  CHECK(majority_score(votes("    ", 'a')) == 0.0);
  CHECK(majority_score({}) == 0.0);
}

TEST_CASE("a tie scores the share of the tied answers that are right") {
  CHECK(majority_score(votes("ab", 'a')) == 0.5);
  CHECK(majority_score(votes("abc", 'c')) == doctest::Approx(1.0 / 3.0));
  CHECK(majority_score(votes("aabbc", 'c')) == 0.0);
  // Two right answers that are written differently are two classes.
  CHECK(majority_score(std::vector<Vote>{{"a", true}, {"b", true}, {"c", false}}) ==
        doctest::Approx(2.0 / 3.0));
}

TEST_CASE("cons@k of all votes is their majority, of fewer the mean over random subsets") {
  const auto list = votes("aabcb ab", 'a');
  CHECK(cons_at_k(list, 8, 0) == majority_score(list));
  for (const int k : {1, 3, 5}) {
    const double exact = mean_over_subsets(8, k, [&](unsigned subset) {
      std::vector<Vote> chosen;
      for (size_t i = 0; i < list.size(); ++i) {
        if (subset & (1U << i)) chosen.push_back(list[i]);
      }
      return majority_score(chosen);
    });
    double mean = 0.0;  // over 100 prompts: 10,000 subsets, deviation of the mean at most 0.005
    for (uint32_t prompt = 0; prompt < 100; ++prompt) mean += cons_at_k(list, k, prompt) / 100.0;
    CHECK(mean == doctest::Approx(exact).epsilon(0.04));
  }
}

TEST_CASE("cons@k draws the same subsets whenever it is asked") {
  const auto list = votes("aabbcabcba", 'a');
  CHECK(cons_at_k(list, 4, 3) == cons_at_k(list, 4, 3));
  bool differs = false;
  for (uint32_t prompt = 0; prompt < 8; ++prompt) {
    differs = differs || cons_at_k(list, 4, prompt) != cons_at_k(list, 4, 3);
  }
  CHECK(differs);
}

TEST_CASE("values of k are bounded by the number of samples") {
  CHECK(powers_of_two(1) == std::vector<int64_t>{1});
  CHECK(powers_of_two(12) == std::vector<int64_t>{1, 2, 4, 8});
  check_k({1, 8}, 8, "k");
  check_k({}, 8, "k");
  CHECK_THROWS_WITH_AS(check_k({9}, 8, "r /k"),
                       "expected 1 to 8 (the number of samples), got 9, in r /k", Error);
  CHECK_THROWS_AS(check_k({-1}, 8, "k"), Error);
}
