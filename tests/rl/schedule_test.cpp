#include <doctest/doctest.h>

#include "rl/optimizer_config.h"

using namespace reckon::rl;

namespace {

OptimizerConfig schedule(const std::string& type, int64_t warmup = 0) {
  OptimizerConfig config;
  config.learning_rate = 2.0;
  config.lr_scheduler_type = type;
  config.warmup_steps = warmup;
  return config;
}

void check_rates(const OptimizerConfig& config, int64_t max_steps,
                 const std::vector<double>& expected) {
  for (size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    CHECK(learning_rate_at(config, static_cast<int64_t>(i) + 1, max_steps) ==
          doctest::Approx(expected[i]).epsilon(1e-12));
  }
}

}  // namespace

TEST_CASE("a constant schedule is the peak at every step") {
  check_rates(schedule("constant"), 4, {2, 2, 2, 2, 2});
}

TEST_CASE("warm-up rises linearly and its last step has the peak") {
  check_rates(schedule("constant_with_warmup", 4), 6, {0.5, 1.0, 1.5, 2.0, 2.0, 2.0});
}

TEST_CASE("a linear schedule would reach zero one step after the last") {
  check_rates(schedule("linear"), 4, {2.0, 1.5, 1.0, 0.5, 0.0, 0.0});
  check_rates(schedule("linear", 2), 6, {1.0, 2.0, 2.0, 1.5, 1.0, 0.5, 0.0});
}

TEST_CASE("a cosine schedule falls along half a wave") {
  check_rates(schedule("cosine"), 4, {2.0, 1.0 + std::sqrt(0.5), 1.0, 1.0 - std::sqrt(0.5), 0.0});
  auto with_floor = schedule("cosine_with_min_lr", 1);
  with_floor.lr_scheduler_kwargs.min_lr_ratio = 0.1;
  check_rates(with_floor, 5,
              {2.0, 2.0, 0.2 + 1.8 * (0.5 + std::sqrt(0.125)), 1.1,
               0.2 + 1.8 * (0.5 - std::sqrt(0.125)), 0.2, 0.2});
}

TEST_CASE("the floor belongs to cosine_with_min_lr alone") {
  auto plain = schedule("cosine");
  plain.lr_scheduler_kwargs.min_lr_ratio = 0.5;
  CHECK(learning_rate_at(plain, 5, 4) == doctest::Approx(0.0));
}

TEST_CASE("warmup_stable_decay holds the peak and falls to its floor in the last steps") {
  auto config = schedule("warmup_stable_decay", 2);
  config.lr_scheduler_kwargs.num_decay_steps = 4;
  check_rates(config, 10, {1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 1.5, 1.0, 0.5, 0.0});
  config.lr_scheduler_kwargs.min_lr_ratio = 0.2;
  check_rates(config, 10, {1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 1.6, 1.2, 0.8, 0.4, 0.4});
  // Without a number of steps the second half falls.
  check_rates(schedule("warmup_stable_decay"), 4, {2.0, 2.0, 1.0, 0.0});
}
