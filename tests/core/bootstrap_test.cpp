#include "core/bootstrap.h"

#include <doctest/doctest.h>

using namespace reckon;

TEST_CASE("a quantile lies between its neighbours by linear interpolation") {
  const std::vector<double> values = {1, 2, 4, 8, 16};
  CHECK(quantile(values, 0.0) == 1.0);
  CHECK(quantile(values, 0.5) == 4.0);
  CHECK(quantile(values, 1.0) == 16.0);
  CHECK(quantile(values, 0.1) == doctest::Approx(1.4));
  CHECK(quantile(values, 0.9) == doctest::Approx(12.8));
  CHECK(quantile({3.0}, 0.9) == 3.0);
  CHECK(quantile({}, 0.5) == 0.0);
}

TEST_CASE("the mean of nothing is zero") {
  CHECK(mean({}) == 0.0);
  CHECK(mean({1.0, 2.0, 6.0}) == 3.0);
}

TEST_CASE("a bootstrap interval has the width of the normal one and depends on the seed only") {
  std::vector<double> values;
  for (int i = 0; i < 400; ++i) values.push_back(i % 4 == 0 ? 1.0 : 0.0);
  const auto [low, high] = bootstrap_interval(values, 3);
  CHECK(low < 0.25);
  CHECK(high > 0.25);
  CHECK(high - low == doctest::Approx(2 * 1.96 * 0.433 / 20).epsilon(0.1));
  CHECK(bootstrap_interval(values, 3) == bootstrap_interval(values, 3));
  CHECK(bootstrap_interval(values, 4) != bootstrap_interval(values, 3));
  CHECK(bootstrap_interval({0.5}, 1) == std::array<double, 2>{0.5, 0.5});
  CHECK(bootstrap_interval({}, 1) == std::array<double, 2>{0.0, 0.0});
}

TEST_CASE("an interval over groups holds the spread between them and inside of them") {
  std::vector<double> coins;
  for (int i = 0; i < 400; ++i) coins.push_back(i % 2 == 0 ? 1.0 : 0.0);
  const auto width = [](const std::array<double, 2>& ends) { return ends[1] - ends[0]; };
  // Equal groups: the mean of n of them is 1/sqrt(n) as uncertain as one.
  const double one = width(two_level_interval({coins}, 3));
  CHECK(one == doctest::Approx(width(bootstrap_interval(coins, 3))).epsilon(0.1));
  CHECK(width(two_level_interval({coins, coins, coins, coins}, 3)) ==
        doctest::Approx(one / 2).epsilon(0.1));
  // Certain groups that differ: only which groups are drawn is uncertain.
  const auto apart = two_level_interval({{0.2, 0.2}, {0.4}, {0.9}}, 4);
  CHECK(apart[0] == doctest::Approx(0.2));
  CHECK(apart[1] == doctest::Approx(0.9));
  CHECK(two_level_interval({{0.2, 0.2}, {0.4}, {0.9}}, 4) == apart);
  CHECK(two_level_interval({}, 3) == std::array<double, 2>{0.0, 0.0});
}
