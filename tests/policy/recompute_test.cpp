#include "policy/recompute.h"

#include <doctest/doctest.h>
#include <torch/csrc/autograd/autograd.h>

#include "tests/policy/golden_model.h"
#include "tests/policy/random_tensor.h"

namespace reckon::policy {
namespace {

using tests::bit_equal;
using tests::golden_model;
using tests::kGoldenFamilies;

const PackedBatch kBatch = {at::arange(3, 63, at::kLong).remainder(170), {0, 1, 24, 31, 60}};

// Gradients of a loss, in buffers that were bound before as an optimizer does.
std::vector<at::Tensor> gradients_of(Transformer& model) {
  for (at::Tensor parameter : model.trainable_parameters()) {
    parameter.mutable_grad() = at::zeros_like(parameter).detach();
  }
  const auto rows = at::arange(kBatch.ids.numel() - 1, at::kLong);
  const auto out = token_logprobs(model.forward(kBatch), model.head(), rows,
                                  kBatch.ids.index_select(0, rows + 1), 0.7);
  (out.logprobs.mean() + 0.01 * out.entropy.sum()).backward();
  std::vector<at::Tensor> gradients{out.logprobs.detach()};
  for (const at::Tensor& parameter : model.trainable_parameters()) {
    gradients.push_back(parameter.grad().clone());
  }
  return gradients;
}

void check_same_bits(Transformer& model) {
  model.requires_grad(true);
  const auto want = gradients_of(model);
  model.set_recompute(true);
  const auto got = gradients_of(model);
  REQUIRE(got.size() == want.size());
  for (size_t i = 0; i < want.size(); ++i) {
    CAPTURE(i);
    CHECK(bit_equal(got[i], want[i]));
    CHECK(want[i].abs().max().item<double>() > 0.0);
  }
}

}  // namespace

TEST_CASE("recompute: gradients have the same bits in every family") {
  for (const char* family : kGoldenFamilies) {
    for (const auto type : {at::kFloat, at::kDouble}) {
      CAPTURE(family);
      check_same_bits(*golden_model(family, type));
    }
  }
}

TEST_CASE("recompute: gradients of an adapter have the same bits in every family") {
  for (const char* family : kGoldenFamilies) {
    for (const char* target : {"all-linear", "down_proj"}) {
      CAPTURE(family);
      const auto model = golden_model(family, at::kFloat);
      model->add_adapters({4, 8.0, {target}, ""}, 3, 0);
      const at::NoGradGuard no_grad;
      for (const auto& [name, tensor] : adapter_tensors(*model)) at::Tensor(tensor).add_(0.01);
      model->repack();
      const at::AutoGradMode enabled(true);
      check_same_bits(*model);
    }
  }
}

TEST_CASE("recompute: a layer is run twice where gradients are wanted and keeps only its input") {
  int runs = 0;
  const auto weight = at::ones({3}, at::kDouble).requires_grad_(true);
  const auto layer = [&](const at::Tensor& x) {
    ++runs;
    return (x * weight).sin();
  };
  const auto x = at::arange(3, at::kDouble).requires_grad_(true);
  const auto y = recompute(x, {weight, at::Tensor()}, layer);
  CHECK(runs == 1);
  const auto found = torch::autograd::grad({y.sum()}, {x, weight});
  CHECK(runs == 2);
  CHECK(bit_equal(found[0], (x * weight).cos().detach() * weight.detach()));
  CHECK(bit_equal(found[1], (x * weight).cos().detach() * x.detach()));
}

}  // namespace reckon::policy
