#include "policy/transformer.h"

#include <doctest/doctest.h>

#include <numeric>

#include "tests/policy/golden_model.h"
#include "tests/policy/gradients.h"
#include "tests/policy/random_tensor.h"
#include "tests/policy/thread_count.h"

namespace reckon::policy {
namespace {

using tests::bit_equal;
using tests::golden_model;
using tests::golden_values;
using tests::kGoldenFamilies;
using tests::max_difference;

constexpr int64_t kLength = 23;  // ids in each of the two golden rows

PackedBatch golden_batch(const SafetensorsFile& golden) {
  return {read_tensor(golden, "input_ids").view(-1), {0, kLength, 2 * kLength}};
}

at::Tensor logits_of(const Transformer& model, const PackedBatch& batch) {
  return project(model.forward(batch), model.head());
}

// Mean cross-entropy of ids 1 … of both golden rows.
at::Tensor golden_loss(const Transformer& model, const PackedBatch& batch) {
  const auto all = at::arange(2 * kLength, at::kLong).view({2, kLength});
  const auto rows = all.narrow(1, 0, kLength - 1).reshape(-1);
  const auto targets = batch.ids.index_select(0, rows + 1);
  return -token_logprobs(model.forward(batch), model.head(), rows, targets, 1.0).logprobs.mean();
}

// The gradient of a named view, cut out of the gradient of the fused parameter that it lies in.
at::Tensor gradient_of_view(const at::Tensor& view, const std::vector<at::Tensor>& parameters,
                            const std::vector<at::Tensor>& gradients) {
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (!parameters[i].is_alias_of(view)) continue;
    return gradients[i].contiguous().as_strided(view.sizes(), view.strides(),
                                                view.storage_offset());
  }
  return {};
}

TEST_CASE("transformer: logits of all families are the golden ones") {
  for (const char* family : kGoldenFamilies) {
    CAPTURE(family);
    const auto golden = golden_values(family);
    const auto batch = golden_batch(golden);
    const auto wide = logits_of(*golden_model(family, at::kDouble), batch);
    CHECK(max_difference(wide.view({2, kLength, -1}), read_tensor(golden, "logits_f64")) < 1e-9);
    const auto narrow = logits_of(*golden_model(family, at::kFloat), batch);
    CHECK(max_difference(narrow.view({2, kLength, -1}), read_tensor(golden, "logits")) < 2e-5);
  }
}

TEST_CASE("transformer: gradients of all parameters of all families are the golden ones") {
  for (const char* family : kGoldenFamilies) {
    CAPTURE(family);
    const auto golden = golden_values(family);
    const auto model = golden_model(family, at::kDouble);
    model->requires_grad(true);
    const auto loss = golden_loss(*model, golden_batch(golden));
    CHECK(loss.item<double>() ==
          doctest::Approx(read_tensor(golden, "loss").item<double>()).epsilon(1e-12));
    const auto gradients = torch::autograd::grad({loss}, model->parameters());
    const auto views = model->named_views();
    for (const auto& [name, view] : views) {
      CAPTURE(name);
      const auto want = read_tensor(golden, "grad/" + name);
      const auto got = gradient_of_view(view, model->parameters(), gradients);
      CHECK(max_difference(got, want) < 1e-9 * (1.0 + want.abs().max().item<double>()));
    }
    const auto has_gradient = [](const std::string& name) { return name.starts_with("grad/"); };
    const auto& names = golden.names();
    CHECK(std::count_if(names.begin(), names.end(), has_gradient) ==
          static_cast<int64_t>(views.size()));
  }
}

TEST_CASE("transformer: float32 gradients are near the golden ones") {
  for (const char* family : kGoldenFamilies) {
    CAPTURE(family);
    const auto golden = golden_values(family);
    const auto model = golden_model(family, at::kFloat);
    model->requires_grad(true);
    const auto loss = golden_loss(*model, golden_batch(golden));
    const auto gradients = torch::autograd::grad({loss}, model->parameters());
    for (const auto& [name, view] : model->named_views()) {
      CAPTURE(name);
      const auto want = read_tensor(golden, "grad/" + name);
      const auto got = gradient_of_view(view, model->parameters(), gradients);
      CHECK(max_difference(got, want) < 1e-5 * (1.0 + want.abs().max().item<double>()));
    }
  }
}

TEST_CASE("transformer: packed sequences have the bits of sequences one by one") {
  for (const char* family : kGoldenFamilies) {
    CAPTURE(family);
    const auto model = golden_model(family, at::kFloat);
    const auto ids = at::arange(3, 3 + 60, at::kLong).remainder(170);
    const std::vector<int64_t> offsets = {0, 1, 24, 31, 60};
    const auto packed = logits_of(*model, {ids, offsets});
    for (size_t s = 0; s + 1 < offsets.size(); ++s) {
      const int64_t first = offsets[s], count = offsets[s + 1] - first;
      const auto alone = logits_of(*model, {ids.narrow(0, first, count).clone(), {0, count}});
      CHECK(bit_equal(alone, packed.narrow(0, first, count)));
    }
    const tests::ThreadCount one(1);
    CHECK(bit_equal(logits_of(*model, {ids, offsets}), packed));
  }
}

TEST_CASE("transformer: a position's logits do not depend on what comes after it") {
  const auto model = golden_model("qwen3", at::kFloat);
  const auto ids = at::arange(40, at::kLong);
  const auto whole = logits_of(*model, {ids, {0, 40}});
  const auto start = logits_of(*model, {ids.narrow(0, 0, 17).clone(), {0, 17}});
  CHECK(bit_equal(start, whole.narrow(0, 0, 17)));
}

TEST_CASE("transformer: gradients have the same bits on 1 and 2 threads") {
  const auto golden = golden_values("qwen3");
  const auto model = golden_model("qwen3", at::kFloat);
  model->requires_grad(true);
  const tests::Loss loss = [&] { return golden_loss(*model, golden_batch(golden)); };
  const auto two = tests::gradients(loss, model->parameters());
  const tests::ThreadCount one(1);
  const auto single = tests::gradients(loss, model->parameters());
  for (size_t i = 0; i < two.size(); ++i) CHECK(bit_equal(single[i], two[i]));
}

TEST_CASE("transformer: a tied head is the embedding, and is counted once") {
  const auto tied = golden_model("qwen2", at::kFloat);
  CHECK(tied->head().weight.is_same(tied->embedding()));
  const auto names = tied->named_views();
  CHECK(std::none_of(names.begin(), names.end(),
                     [](const auto& named) { return named.first == "lm_head.weight"; }));
  for (const char* family : kGoldenFamilies) {
    const auto model = golden_model(family, at::kFloat);
    const auto parameters = model->parameters();
    const int64_t count =
        std::accumulate(parameters.begin(), parameters.end(), int64_t{0},
                        [](int64_t sum, const at::Tensor& t) { return sum + t.numel(); });
    CHECK(count == model->config().num_parameters());
  }
}

TEST_CASE("transformer: a copy gives the original's bits") {
  const auto from = golden_model("qwen2", at::kFloat);
  Transformer to(from->config(), at::kFloat);
  initialize(to, 1, 0);
  const PackedBatch batch{at::arange(20, at::kLong), {0, 20}};
  CHECK(!bit_equal(logits_of(to, batch), logits_of(*from, batch)));
  to.copy_from(*from);
  CHECK(bit_equal(logits_of(to, batch), logits_of(*from, batch)));
}

TEST_CASE("transformer: first values depend on seed and stage alone and have their deviations") {
  const auto make = [](uint64_t seed, uint32_t stage) {
    auto model = std::make_unique<Transformer>(model_preset("tiny-0.4m", 50), at::kFloat);
    initialize(*model, seed, stage);
    return model;
  };
  const auto model = make(7, 1), again = make(7, 1), other_seed = make(8, 1), later = make(7, 2);
  for (size_t i = 0; i < model->parameters().size(); ++i) {
    CHECK(bit_equal(model->parameters()[i], again->parameters()[i]));
  }
  const auto deviation = [](const at::Tensor& weight, double fan_in) {
    return weight.std().item<double>() * std::sqrt(fan_in);
  };
  const auto& layer = model->layers()[2];
  CHECK(!bit_equal(layer.qkv.weight, other_seed->layers()[2].qkv.weight));
  CHECK(!bit_equal(layer.qkv.weight, later->layers()[2].qkv.weight));
  CHECK(!bit_equal(layer.qkv.weight, model->layers()[1].qkv.weight));
  CHECK(model->embedding().std().item<double>() == doctest::Approx(0.02).epsilon(0.05));
  CHECK(deviation(layer.qkv.weight, 96) == doctest::Approx(1.0).epsilon(0.05));
  CHECK(deviation(layer.output.weight, 96) == doctest::Approx(1 / std::sqrt(8.0)).epsilon(0.05));
  CHECK(deviation(layer.gate_up.weight, 96) == doctest::Approx(1.0).epsilon(0.05));
  CHECK(deviation(layer.down.weight, 256) == doctest::Approx(1 / std::sqrt(8.0)).epsilon(0.05));
  CHECK(deviation(model->head().weight, 96) == doctest::Approx(0.5).epsilon(0.05));
  CHECK(bit_equal(layer.input_norm, at::ones({96})));
}

}  // namespace
}  // namespace reckon::policy
