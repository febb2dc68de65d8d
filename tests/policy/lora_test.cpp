#include "policy/lora.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/json.h"
#include "tests/core/thrown_error.h"
#include "tests/policy/golden_model.h"
#include "tests/policy/random_tensor.h"

namespace reckon::policy {
namespace {

using tests::bit_equal;
using tests::golden_model;
using tests::kGoldenFamilies;
using tests::max_difference;

const LoraConfig kAll = {4, 8.0, {"all-linear"}, "base"};

PackedBatch small_batch() { return {at::arange(3, 40, at::kLong), {0, 20, 37}}; }

at::Tensor logits_of(const Transformer& model) {
  return project(model.forward(small_batch()), model.head());
}

// Gives the adapter's B values, which begin at zero.
void disturb(Transformer& model) {
  const at::NoGradGuard no_grad;
  int64_t seed = 0;
  for (const auto& [name, tensor] : adapter_tensors(model)) {
    if (!name.ends_with("lora_B.weight")) continue;
    const auto steps = at::arange(tensor.numel(), tensor.options()).view(tensor.sizes());
    at::Tensor(tensor).copy_((steps * 0.7 + static_cast<double>(++seed)).sin() * 0.05);
  }
  model.repack();
}

std::unique_ptr<Transformer> adapted(const std::string& family, at::ScalarType type,
                                     const LoraConfig& config = kAll) {
  auto model = golden_model(family, type);
  model->add_adapters(config, 7, 1);
  model->requires_grad(true);
  return model;
}

}  // namespace

TEST_CASE("lora: a new adapter changes nothing, is addressed by its seed and lies within bounds") {
  for (const char* family : kGoldenFamilies) {
    CAPTURE(family);
    const auto plain = golden_model(family, at::kFloat);
    const auto model = adapted(family, at::kFloat), again = adapted(family, at::kFloat);
    CHECK(bit_equal(logits_of(*model), logits_of(*plain)));
    const auto left = adapter_tensors(*model), right = adapter_tensors(*again);
    CHECK(left.size() == model->layers().size() * 7 * 2);
    for (size_t i = 0; i < left.size(); ++i) {
      CHECK(bit_equal(left[i].second, right[i].second));
      if (!left[i].first.ends_with("lora_A.weight")) continue;
      const double bound = 1.0 / std::sqrt(static_cast<double>(left[i].second.size(1)));
      const double largest = left[i].second.abs().max().item<double>();
      CHECK(largest <= bound);
      CHECK(largest > 0.8 * bound);
    }
  }
}

TEST_CASE("lora: the merged model, the base and a float64 sum agree with the adapted model") {
  for (const char* family : kGoldenFamilies) {
    CAPTURE(family);
    const auto model = adapted(family, at::kFloat);
    const auto plain = golden_model(family, at::kFloat);
    disturb(*model);
    const auto logits = logits_of(*model);
    CHECK(max_difference(logits, logits_of(*plain)) > 1e-3);
    CHECK(bit_equal(logits_of(*model->base_model()), logits_of(*plain)));
    const auto merged_names = merged_tensors(*model);
    model->merge_adapters();
    CHECK(bit_equal(logits_of(*model), logits));
    const auto views = model->named_views();
    REQUIRE(views.size() == merged_names.size());
    for (size_t i = 0; i < views.size(); ++i) {
      CAPTURE(views[i].first);
      CHECK(views[i].first == merged_names[i].first);
      CHECK(bit_equal(views[i].second, merged_names[i].second));
    }
  }
}

TEST_CASE("lora: gradients of the adapter are those of the formula, frozen weights have none") {
  const LoraConfig some = {3, 12.0, {"v_proj", "up_proj", "o_proj"}, ""};
  const auto model = adapted("llama", at::kDouble, some);
  disturb(*model);
  model->requires_grad(true);
  logits_of(*model).sin().sum().backward();
  for (const auto& parameter : model->parameters()) CHECK_FALSE(parameter.grad().defined());
  constexpr double kStep = 1e-6;
  for (const auto& [name, tensor] : adapter_tensors(*model)) {
    CAPTURE(name);
    const at::NoGradGuard no_grad;
    auto value = tensor.detach().view(-1)[1];
    const auto loss_at = [&](double change) {
      value.add_(change);
      model->repack();
      const double loss = logits_of(*model).sin().sum().item<double>();
      value.sub_(change);
      return loss;
    };
    const double want = (loss_at(kStep) - loss_at(-kStep)) / (2.0 * kStep);
    CHECK(tensor.grad().view(-1)[1].item<double>() == doctest::Approx(want).epsilon(1e-5));
  }
}

TEST_CASE("lora: a saved adapter has PEFT's names and loads into the same model") {
  const TempFolder folder;
  const auto model = adapted("qwen2", at::kFloat, {4, 8.0, {"v_proj", "q_proj"}, "some/base"});
  disturb(*model);
  save_adapter(*model, folder.path());
  const auto read = read_adapter_config(folder.path());
  CHECK(read.rank == 4);
  CHECK(read.alpha == 8.0);
  CHECK(read.target_modules == std::vector<std::string>{"q_proj", "v_proj"});
  CHECK(read.base_model == "some/base");
  const auto file = SafetensorsFile::open(folder.path() / "adapter_model.safetensors");
  CHECK(
      read_tensor(file, "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight").size(0) ==
      4);
  const auto other = golden_model("qwen2", at::kFloat);
  other->add_adapters(read, 99, 0);
  load_adapter(folder.path(), *other);
  CHECK(bit_equal(logits_of(*other), logits_of(*model)));
}

TEST_CASE("lora: the folder of an adapter is a model") {
  const TempFolder folder;
  const auto base = std::filesystem::absolute(tests::golden_folder("llama")).string();
  const auto model = adapted("llama", at::kFloat, {4, 8.0, {"all-linear"}, base});
  disturb(*model);
  save_adapter(*model, folder.path());
  CHECK(is_adapter_folder(folder.path()));
  const auto loaded = load_transformer(folder.path(), at::TensorOptions().dtype(at::kFloat));
  CHECK_FALSE(loaded->lora());
  CHECK(bit_equal(logits_of(*loaded), logits_of(*model)));
}

TEST_CASE("lora: unknown projections and variants of LoRA are refused with their key") {
  const auto model = golden_model("llama", at::kFloat);
  const auto error = tests::thrown_by([&] { model->add_adapters({4, 8.0, {"qproj"}, ""}, 1, 0); });
  CHECK(error.code == ErrorCode::invalid_argument);
  CHECK(error.says("qproj"));
  CHECK(error.says("gate_proj"));
  const TempFolder folder;
  save_adapter(*adapted("llama", at::kFloat), folder.path());
  const auto path = folder.path() / "adapter_config.json";
  const auto good = read_json_file(path);
  const auto refused = [&](const char* key, const nlohmann::json& value) {
    auto changed = good;
    changed[key] = value;
    write_file_atomic(path, changed.dump());
    return tests::thrown_by([&] { read_adapter_config(folder.path()); });
  };
  for (const char* key : {"use_dora", "use_rslora", "fan_in_fan_out"}) {
    CHECK(refused(key, true).code == ErrorCode::unsupported);
    CHECK(refused(key, true).says(key));
  }
  CHECK(refused("bias", "all").code == ErrorCode::unsupported);
  CHECK(refused("rank_pattern", {{"q_proj", 2}}).code == ErrorCode::unsupported);
  CHECK(refused("modules_to_save", {"lm_head"}).code == ErrorCode::unsupported);
  for (const nlohmann::json& rank : {nlohmann::json(0), nlohmann::json(-3),
                                     nlohmann::json(1'000'000'000), nlohmann::json("4")}) {
    CHECK(refused("r", rank).code == ErrorCode::corrupt);
  }
  CHECK(refused("target_modules", {"everything"}).says("everything"));
}

}  // namespace reckon::policy
