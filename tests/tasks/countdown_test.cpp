#include "tasks/countdown.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "core/error.h"

using namespace reckon;
using namespace reckon::tasks;

namespace {

std::array<int, 3> sorted(std::array<int, 3> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::vector<int> naive_results(int a, int b) { return {a + b, std::abs(a - b), a * b}; }

/// Every value of `(a op b) op c` over all orders of the numbers, written without the branches.
std::multiset<int> naive_values(std::array<int, 3> numbers) {
  std::multiset<int> values;
  for (int left_over = 0; left_over < 3; ++left_over) {
    const int a = numbers[static_cast<size_t>((left_over + 1) % 3)];
    const int b = numbers[static_cast<size_t>((left_over + 2) % 3)];
    const int c = numbers[static_cast<size_t>(left_over)];
    for (const int head : naive_results(a, b)) {
      for (const int value : naive_results(head, c)) values.insert(value);
    }
  }
  return values;
}

RandomSequence random_sequence(uint64_t seed) {
  return RandomSequence(RandomStream({seed, 0, Purpose::corpus, 0}), 0, 0);
}

}  // namespace

TEST_CASE("the branches stand in the canonical order with the larger operand first") {
  const auto branches = countdown_branches({4, 12, 3});
  const auto text = [](const CountdownOperation& operation) {
    return fmt::format("{}{}{}={}", operation.left, operation.sign, operation.right,
                       operation.value);
  };
  const std::array<const char*, 9> heads = {"4+12=16", "12-4=8",  "4*12=48", "4+3=7",  "4-3=1",
                                            "4*3=12",  "12+3=15", "12-3=9",  "12*3=36"};
  for (size_t i = 0; i < heads.size(); ++i) CHECK(text(branches[i].head) == heads[i]);
  CHECK(branches[1].rest == 3);
  CHECK(branches[4].rest == 12);
  CHECK(branches[8].rest == 4);
  CHECK(text(branches[4].leaves[0]) == "1+12=13");
  CHECK(text(branches[4].leaves[1]) == "12-1=11");
  CHECK(text(branches[4].leaves[2]) == "1*12=12");
}

TEST_CASE("the leaves are exactly the values of a brute force over all expressions") {
  for (int a = 1; a <= 12; ++a) {
    for (int b = 1; b <= 12; ++b) {
      for (int c = 1; c <= 12; ++c) {
        std::multiset<int> values;
        for (const CountdownBranch& branch : countdown_branches({a, b, c})) {
          for (const CountdownOperation& leaf : branch.leaves) values.insert(leaf.value);
        }
        REQUIRE(values == naive_values({a, b, c}));
      }
    }
  }
}

TEST_CASE("solutions are the leaves that equal the target, in canonical order") {
  CHECK(countdown_solutions({{4, 12, 3}, 24}) == std::vector<CountdownLeaf>{{1, 2}, {5, 0}});
  CHECK(countdown_solutions({{4, 12, 3}, 19}) ==
        std::vector<CountdownLeaf>{{0, 0}, {3, 0}, {6, 0}});
  CHECK(countdown_solutions({{1, 2, 3}, 50}).empty());
  CHECK_THROWS_AS(countdown_difficulty({{1, 2, 3}, 50}), Error);
}

TEST_CASE("the space holds 1567 unordered problems, each with six orders") {
  const std::vector<CountdownProblem> problems = CountdownSpace({}).problems();
  std::map<CountdownProblem, int> orders;
  for (const CountdownProblem& problem : problems) {
    REQUIRE(problem.target >= 10);
    REQUIRE(problem.target <= 50);
    REQUIRE(naive_values(problem.numbers).contains(problem.target));
    ++orders[{sorted(problem.numbers), problem.target}];
  }
  CHECK(orders.size() == 1567);
  CHECK(
      std::all_of(orders.begin(), orders.end(), [](const auto& item) { return item.second == 6; }));
  CHECK(std::is_sorted(problems.begin(), problems.end()));
}

TEST_CASE("the split never changes and does not depend on the order of the numbers") {
  std::map<CountdownSplit, int> sizes;
  for (const CountdownProblem& problem : CountdownSpace({}).problems()) {
    const CountdownSplit split = countdown_split(problem);
    REQUIRE(split == countdown_split({sorted(problem.numbers), problem.target}));
    ++sizes[split];
  }
  // Of 1567: 9.0 %, 21.8 % and 69.2 %.
  CHECK(sizes[CountdownSplit::held_out] == 6 * 141);
  CHECK(sizes[CountdownSplit::rl] == 6 * 342);
  CHECK(sizes[CountdownSplit::pretraining] == 6 * 1084);
}

TEST_CASE("drawn problems have the specified difficulties and number of solutions") {
  // Exact shares, from the chance of each problem to be drawn.
  std::map<std::array<int, 3>, std::vector<CountdownProblem>> triples;
  for (const CountdownProblem& problem : CountdownSpace({}).problems()) {
    triples[problem.numbers].push_back(problem);
  }
  std::map<CountdownDifficulty, double> shares;
  double num_solutions = 0;
  for (const auto& [triple, problems] : triples) {
    const double chance = 1.0 / static_cast<double>(triples.size() * problems.size());
    for (const CountdownProblem& problem : problems) {
      shares[countdown_difficulty(problem)] += chance;
      num_solutions += chance * static_cast<double>(countdown_solutions(problem).size());
    }
  }
  CHECK(std::round(100 * shares[CountdownDifficulty::easy]) == 59);
  CHECK(std::round(100 * shares[CountdownDifficulty::medium]) == 21);
  CHECK(std::round(100 * shares[CountdownDifficulty::hard]) == 20);
  CHECK(num_solutions == doctest::Approx(1.77).epsilon(.02));
}

TEST_CASE("triples are drawn uniformly, and targets uniformly over those of the triple") {
  const CountdownSpace space({});
  RandomSequence random = random_sequence(3);
  constexpr int kDraws = 200'000;
  std::map<std::array<int, 3>, int> triples;
  std::map<int, int> targets;  // of one unordered triple
  for (int i = 0; i < kDraws; ++i) {
    const CountdownProblem problem = space.draw(random, [](const auto&) { return true; });
    ++triples[problem.numbers];
    if (sorted(problem.numbers) == std::array{2, 5, 9}) ++targets[problem.target];
  }
  // Six triples of the 1320, the orders of 1, 2, 3, reach no target.
  REQUIRE(triples.size() == 1314);
  double chi_square = 0;
  const double expected = kDraws / 1314.0;
  for (const auto& [triple, count] : triples)
    chi_square += std::pow(count - expected, 2) / expected;
  // 1313 degrees of freedom: mean 1313, deviation 51.
  CHECK(chi_square == doctest::Approx(1313).epsilon(4 * 51.0 / 1313));
  int drawn = 0;
  for (const auto& [target, count] : targets) drawn += count;
  const double share = drawn / static_cast<double>(targets.size());
  for (const auto& [target, count] : targets) {
    CHECK(std::abs(count - share) < 4 * std::sqrt(share));
  }
}

TEST_CASE("a range without problems is refused by its place") {
  CHECK_THROWS_WITH_AS(CountdownSpace({12, 50, 10}, "tiny.json /task"),
                       doctest::Contains("tiny.json /task"), Error);
}
