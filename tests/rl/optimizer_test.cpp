#include "rl/optimizer.h"

#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "core/files.h"
#include "policy/tensor_file.h"
#include "rl/stage.h"
#include "tests/core/thrown_error.h"
#include "tests/rl/golden.h"

using namespace reckon;
using namespace reckon::rl;

namespace {

// A model whose matrices and vectors have room for the tensors of the golden file.
std::unique_ptr<policy::Transformer> small_model(at::ScalarType type) {
  policy::ModelConfig config = policy::model_preset("tiny-smoke", 13);
  auto model = std::make_unique<policy::Transformer>(config, at::TensorOptions().dtype(type));
  policy::initialize(*model, 3, 0);
  trainable(*model);
  return model;
}

// The first elements of a parameter, which stand for one tensor of the golden file: AdamW acts on
// each element alone, and the other gradients are zero.
at::Tensor window(const at::Tensor& parameter, int64_t count) {
  return parameter.detach().view({-1}).narrow(0, 0, count);
}

struct Place {
  std::string name;      // in the golden file
  at::Tensor parameter;  // of the model: a matrix for matrices, a vector for vectors
};

std::vector<Place> places_in(const policy::Transformer& model) {
  const auto& layer = model.layers().at(0);
  return {{"embedding", model.embedding()},
          {"linear", layer.gate_up.weight},
          {"norm", layer.input_norm},
          {"bias", model.final_norm()}};
}

OptimizerConfig golden_config(const GoldenFile& golden) {
  const auto settings = golden.metadata("settings");
  OptimizerConfig config;
  config.adam_beta1 = settings.at("adam_beta1").get<double>();
  config.adam_beta2 = settings.at("adam_beta2").get<double>();
  config.adam_epsilon = settings.at("adam_epsilon").get<double>();
  config.weight_decay = settings.at("weight_decay").get<double>();
  config.max_grad_norm = settings.at("max_grad_norm").get<double>();
  return config;
}

// The same made-up gradient for equal steps.
void set_gradient(const Optimizer& optimizer, int64_t step, double scale = 1e-2) {
  const at::NoGradGuard no_grad;
  const auto& flat = optimizer.flat_gradient();
  const auto places = at::arange(flat.numel(), flat.options().dtype(at::kDouble));
  at::Tensor(flat).copy_((places * 0.37 + static_cast<double>(step)).sin() * scale);
}

bool equal_weights(const policy::Transformer& a, const policy::Transformer& b) {
  const auto left = a.parameters(), right = b.parameters();
  for (size_t i = 0; i < left.size(); ++i) {
    if (!at::equal(left[i], right[i])) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("ten steps of AdamW with clipping give the golden values") {
  const GoldenFile golden("adamw.safetensors");
  const auto rates = golden.numbers("learning_rates"), norms = golden.numbers("grad_norms");
  for (const auto type : {at::kDouble, at::kFloat}) {
    const double tolerance = type == at::kDouble ? 1e-12 : 1e-5;
    const auto model = small_model(type);
    Optimizer optimizer(*model, golden_config(golden));
    const auto places = places_in(*model);
    for (const auto& [name, parameter] : places) {
      const auto start = golden.tensor("start/" + name);
      window(parameter, start.numel()).copy_(start.flatten());
    }
    for (size_t step = 0; step < rates.size(); ++step) {
      CAPTURE(step);
      optimizer.zero_grad();
      for (const auto& [name, parameter] : places) {
        const auto gradient = golden.tensor("gradients/" + name)[static_cast<int64_t>(step)];
        window(parameter.grad(), gradient.numel()).copy_(gradient.flatten());
      }
      CHECK(optimizer.step(rates[step]) == doctest::Approx(norms[step]).epsilon(tolerance));
      for (const auto& [name, parameter] : places) {
        CAPTURE(name);
        const auto after = golden.tensor("after/" + name)[static_cast<int64_t>(step)].flatten();
        CHECK(relative_error(window(parameter, after.numel()), after) < tolerance);
      }
    }
    CHECK(optimizer.steps() == 10);
  }
}

TEST_CASE("gradients are scaled down to the largest norm and never up") {
  for (const double scale : {1e-4, 1.0}) {
    const auto model = small_model(at::kDouble);
    Optimizer optimizer(*model, OptimizerConfig{});
    set_gradient(optimizer, 0, scale);
    const auto before = optimizer.flat_gradient().clone();
    const double norm = optimizer.step(1e-3);
    CHECK(norm == doctest::Approx(before.norm().item<double>()).epsilon(1e-12));
    const double after = optimizer.flat_gradient().norm().item<double>();
    if (scale < 1.0) {
      CHECK(at::equal(optimizer.flat_gradient(), before));
    } else {
      CHECK(norm > 10.0);
      CHECK(after == doctest::Approx(1.0).epsilon(1e-6));
      CHECK(relative_error(optimizer.flat_gradient() * norm, before) < 1e-6);
    }
  }
}

TEST_CASE("matrices are decayed, norms and biases are not") {
  const auto model = small_model(at::kDouble);
  OptimizerConfig config;
  config.weight_decay = 0.5;
  Optimizer optimizer(*model, config);
  const auto matrix = model->embedding().detach().clone();
  const auto vector = model->final_norm().detach().clone();
  optimizer.zero_grad();
  optimizer.step(0.1);
  CHECK(relative_error(model->embedding().detach(), matrix * 0.95) < 1e-12);
  CHECK(at::equal(model->final_norm(), vector));
}

TEST_CASE("a step is seen by the next forward pass") {
  const auto model = small_model(at::kFloat);
  const policy::PackedBatch batch{at::arange(6, at::kLong), {0, 6}};
  Optimizer optimizer(*model, OptimizerConfig{});
  set_gradient(optimizer, 0);
  optimizer.step(1e-2);
  const auto after = model->forward(batch).detach().clone();
  model->repack();
  CHECK(at::equal(model->forward(batch).detach(), after));
}

TEST_CASE("an optimizer that was saved and loaded goes on with the same bits") {
  const TempFolder folder;
  const auto model = small_model(at::kFloat), resumed = small_model(at::kFloat);
  OptimizerConfig config;
  config.weight_decay = 0.1;
  Optimizer optimizer(*model, config);
  for (int64_t step = 0; step < 3; ++step) {
    set_gradient(optimizer, step);
    optimizer.step(1e-2);
  }
  optimizer.save(folder.path() / "optimizer.safetensors");
  resumed->copy_from(*model);
  Optimizer other(*resumed, config);
  other.load(folder.path() / "optimizer.safetensors");
  CHECK(other.steps() == 3);
  for (int64_t step = 3; step < 6; ++step) {
    set_gradient(optimizer, step);
    set_gradient(other, step);
    CHECK(optimizer.step(1e-2) == other.step(1e-2));
    CHECK(equal_weights(*model, *resumed));
  }
  // The moments matter: without them the weights part.
  const auto without = small_model(at::kFloat);
  without->copy_from(*model);
  Optimizer fresh(*without, config);
  set_gradient(optimizer, 6);
  set_gradient(fresh, 6);
  optimizer.step(1e-2);
  fresh.step(1e-2);
  CHECK_FALSE(equal_weights(*model, *without));
}

TEST_CASE("a gradient that is not finite is an error and changes nothing") {
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    const auto model = small_model(at::kFloat), before = small_model(at::kFloat);
    Optimizer optimizer(*model, OptimizerConfig{}), same(*before, OptimizerConfig{});
    set_gradient(optimizer, 0);
    at::Tensor(optimizer.flat_gradient())[7] = bad;
    const auto error = tests::thrown_by([&] { optimizer.step(1e-2); });
    CHECK(error.code == ErrorCode::internal);
    CHECK(error.says("expected a finite gradient"));
    CHECK(error.says("step 1"));
    CHECK(equal_weights(*model, *before));
    CHECK(optimizer.steps() == 0);
    // Neither moments nor counters moved: the next step is that of an untouched optimizer.
    set_gradient(optimizer, 1);
    set_gradient(same, 1);
    optimizer.step(1e-2);
    same.step(1e-2);
    CHECK(equal_weights(*model, *before));
  }
}

TEST_CASE("a file that is no saved optimizer of this model is an error that names it") {
  const TempFolder folder;
  const auto path = folder.path() / "optimizer.safetensors";
  const auto model = small_model(at::kFloat);
  Optimizer optimizer(*model, OptimizerConfig{});
  CHECK(tests::thrown_by([&] { optimizer.load(path); }).code == ErrorCode::not_found);
  policy::save_tensors(path, {{"step", at::scalar_tensor(3, at::kLong)}});
  const auto missing = tests::thrown_by([&] { optimizer.load(path); });
  CHECK(missing.code == ErrorCode::corrupt);
  CHECK(missing.says("exp_avg.0000"));
  policy::save_tensors(path, {{"step", at::zeros({2}, at::kLong)}});
  CHECK(tests::thrown_by([&] { optimizer.load(path); }).code == ErrorCode::corrupt);
  write_file_atomic(path, "no tensors");
  CHECK(tests::thrown_by([&] { optimizer.load(path); }).code == ErrorCode::corrupt);
}
