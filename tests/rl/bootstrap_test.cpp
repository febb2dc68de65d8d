#include "rl/bootstrap.h"

#include <doctest/doctest.h>

using namespace reckon::rl;

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
