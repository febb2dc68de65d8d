#include "rl/entropy_control.h"

#include <doctest/doctest.h>

using namespace reckon::rl;

namespace {

LossOptions adaptive(double coefficient) {
  LossOptions options;
  options.use_adaptive_entropy = true;
  options.entropy_coef = coefficient;
  options.entropy_target = 1.0;
  options.entropy_coef_delta = 0.25;
  options.entropy_coef_min = 0.125;
  options.entropy_coef_max = 0.5;
  return options;
}

std::vector<double> as_list(const at::Tensor& values) {
  const auto doubles = values.to(at::kDouble).contiguous();
  return {doubles.const_data_ptr<double>(), doubles.const_data_ptr<double>() + doubles.numel()};
}

}  // namespace

TEST_CASE("a fixed coefficient stays whatever the entropy does") {
  LossOptions options;
  options.entropy_coef = 0.3;
  EntropyControl control(options);
  for (const double entropy : {0.0, 5.0}) {
    control.observe(entropy);
    CHECK(control.in_effect() == 0.3);
  }
}

TEST_CASE("an adaptive coefficient moves within its bounds and acts up to the target only") {
  EntropyControl control(adaptive(0.25));
  CHECK(control.in_effect() == 0.25);
  control.observe(1.0);  // at the target
  CHECK(control.in_effect() == 0.5);
  control.observe(0.2);
  CHECK(control.in_effect() == 0.5);
  control.observe(1.1);
  CHECK(control.in_effect() == 0.0);
  CHECK(control.coefficient() == 0.25);
  control.observe(2.0);
  CHECK(control.coefficient() == 0.125);
  EntropyControl other(adaptive(0.0));
  CHECK(other.coefficient() == 0.125);
  other.restore(control.coefficient(), control.last_entropy());
  CHECK(other.in_effect() == 0.0);
  other.observe(0.5);
  CHECK(other.in_effect() == 0.375);
}

TEST_CASE("the tokens of the highest entropy are chosen over the whole step") {
  const std::vector<at::Tensor> entropies = {at::tensor({0.1, 0.9, 0.3, 0.5}),
                                             at::tensor({0.8, 0.2, 0.4, 0.6, 0.7, 0.05, 0.0})};
  const auto masks = top_entropy_masks(entropies, 0.2);  // rank 8 of 0 … 10, exactly
  REQUIRE(masks.size() == 2);
  CHECK(as_list(masks[0]) == std::vector<double>{0, 1, 0, 0});
  CHECK(as_list(masks[1]) == std::vector<double>{1, 0, 0, 0, 1, 0, 0});
  for (const auto& mask : top_entropy_masks(entropies, 1.0))
    CHECK(mask.min().item<double>() == 1.0);
  CHECK(top_entropy_masks({}, 0.5).empty());
}
