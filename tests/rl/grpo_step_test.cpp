#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/philox.h"
#include "rl/packing.h"
#include "rl/stage.h"
#include "tests/policy/thread_count.h"
#include "tests/rl/golden_rollout.h"

using namespace reckon;
using namespace reckon::rl;

namespace {

constexpr double kTolerance = 1e-11;

std::vector<TrainingSequence> sequences_of(const std::vector<ScoredGroup>& groups) {
  std::vector<TrainingSequence> sequences;
  for (const auto& group : groups) {
    for (const auto& sample : group.completions) {
      sequences.push_back(
          {group.prompt_ids, sample.completion.ids, sample.completion.logprobs, sample.advantage});
    }
  }
  return sequences;
}

// The gradients under Hugging Face names, by way of a model that holds them as weights.
std::vector<std::pair<std::string, at::Tensor>> named_gradients(const policy::Transformer& model,
                                                                policy::Transformer& holder) {
  const at::NoGradGuard no_grad;
  auto to = holder.parameters();
  const auto from = model.parameters();
  for (size_t i = 0; i < to.size(); ++i) to[i].copy_(from[i].grad());
  return holder.named_views();
}

// Log-probabilities and entropies of each completion, one sequence at a time and so in their order.
void check_token_values(const GoldenFile& golden, const std::string& base,
                        const std::vector<ScoredGroup>& groups, const policy::Transformer& model,
                        double temperature) {
  std::vector<at::Tensor> logprobs, entropies;
  for (const auto& sequence : sequences_of(groups)) {
    const auto batch = pack_sequences(std::span(&sequence, 1), 1, at::kCPU).at(0);
    const auto out = policy::token_logprobs(model.forward(batch.batch), model.head(), batch.rows,
                                            batch.targets, temperature);
    logprobs.push_back(out.logprobs.detach());
    entropies.push_back(out.entropy.detach());
  }
  CHECK(relative_error(at::cat(logprobs), golden.tensor(base + "logprobs")) < 1e-12);
  CHECK(relative_error(at::cat(entropies), golden.tensor(base + "entropies")) < 1e-12);
}

void check_update(const GoldenFile& golden, const std::string& base, const UpdateResult& got) {
  const auto expect = [&](double value, const char* key, double tolerance) {
    CAPTURE(key);
    CHECK(value == doctest::Approx(golden.number(base + key)).epsilon(tolerance));
  };
  expect(got.loss, "loss", kTolerance);
  expect(got.policy_loss, "policy_loss", kTolerance);
  expect(got.grad_norm, "grad_norm", kTolerance);
  expect(got.clip_low_mean, "clip_ratio/low_mean", 1e-12);
  expect(got.clip_low_min, "clip_ratio/low_min", 1e-12);
  expect(got.clip_high_mean, "clip_ratio/high_mean", 1e-12);
  expect(got.clip_high_max, "clip_ratio/high_max", 1e-12);
  expect(got.clip_region_mean, "clip_ratio/region_mean", 1e-12);
  CHECK(got.entropy ==
        doctest::Approx(golden.tensor(base + "entropies").mean().item<double>()).epsilon(1e-12));
}

// Loss of the whole step after one element of one tensor was moved.
double moved_loss(const GrpoConfig& config, const std::vector<ScoredGroup>& groups,
                  policy::Transformer& model, const policy::Transformer& reference,
                  at::Tensor parameter, int64_t place, double step) {
  auto* element = parameter.data_ptr<double>() + place;
  const double before = *element;
  *element = before + step;
  model.repack();
  const double loss = grpo_backward(config, groups, model, &reference).loss;
  *element = before;
  return loss;
}

// Places of a tensor to try: drawn ones, most of them where the gradient is not zero.
std::vector<int64_t> drawn_places(const at::Tensor& gradient, RandomSequence& random) {
  constexpr size_t kPlaces = 6;
  const auto nonzero = gradient.flatten().nonzero().flatten();
  std::vector<int64_t> places;
  while (places.size() < kPlaces) {
    const bool any = places.empty() || nonzero.numel() == 0;
    const auto bound = any ? gradient.numel() : nonzero.numel();
    const int64_t drawn = random.next_below(static_cast<uint32_t>(bound));
    places.push_back(any ? drawn : nonzero[drawn].item<int64_t>());
  }
  return places;
}

void check_against_differences(const GrpoConfig& config, const std::vector<ScoredGroup>& groups,
                               policy::Transformer& model, const policy::Transformer& reference) {
  constexpr double kStep = 1e-6;
  Optimizer optimizer(model, config);
  grpo_backward(config, groups, model, &reference);
  const auto gradient = optimizer.flat_gradient().clone();
  RandomSequence random(RandomStream({11, 0, Purpose::init, 0}), 0, 0);
  const double scale = gradient.abs().max().item<double>();
  int64_t begin = 0;
  int checked = 0;
  for (const auto& parameter : model.parameters()) {
    const auto own = gradient.narrow(0, begin, parameter.numel());
    begin += parameter.numel();
    for (const int64_t place : drawn_places(own, random)) {
      const double up = moved_loss(config, groups, model, reference, parameter, place, kStep);
      const double down = moved_loss(config, groups, model, reference, parameter, place, -kStep);
      const double slope = (up - down) / (2.0 * kStep);
      const double wanted = own[place].item<double>();
      CAPTURE(place);
      CHECK(std::abs(slope - wanted) < 1e-7 * std::max(std::abs(wanted), 1e-2 * scale));
      ++checked;
    }
  }
  CHECK(checked >= 5 * static_cast<int>(model.parameters().size()));
  model.repack();
}

}  // namespace

TEST_CASE("two updates on one rollout give the golden values, gradients and parameters") {
  const GoldenFile golden("grpo_step.safetensors");
  const auto config = golden_config(golden, "dr_grpo");
  const auto groups = golden_groups(golden, config);
  const auto rates = golden.metadata("settings").at("learning_rates").get<std::vector<double>>();
  const auto model = golden_model();
  policy::Transformer holder(model->config(), at::TensorOptions().dtype(at::kDouble));
  Optimizer optimizer(*model, config);
  for (size_t update = 0; update < rates.size(); ++update) {
    const std::string base = fmt::format("update{}/", update + 1);
    CAPTURE(base);
    check_token_values(golden, base, groups, *model, config.temperature);
    if (update == 0) {
      grpo_backward(config, groups, *model, nullptr);
      for (const auto& [name, gradient] : named_gradients(*model, holder)) {
        CAPTURE(name);
        CHECK(relative_error(gradient, golden.tensor(base + "grad/" + name)) < kTolerance);
      }
    }
    check_update(golden, base,
                 grpo_update(config, groups, *model, nullptr, optimizer, rates[update]));
    for (const auto& [name, weight] : model->named_views()) {
      CAPTURE(name);
      CHECK(relative_error(weight, golden.tensor(base + "after/" + name)) < kTolerance);
    }
  }
}

TEST_CASE("the gradient of the whole step is that of finite differences in every parameter") {
  const tests::ThreadCount one_thread(1);
  const GoldenFile golden("grpo_step.safetensors");
  const auto model = golden_model();
  // A reference near the policy, so that the KL pulls.
  const auto reference = golden_model();
  reference->requires_grad(false);
  double factor = 1.0;
  for (auto& parameter : reference->parameters()) parameter.mul_(factor += 0.01);
  reference->repack();
  for (const char* loss_type : {"grpo", "dr_grpo", "dapo", "bnpo"}) {
    CAPTURE(loss_type);
    auto config = golden_config(golden, loss_type);
    config.beta = 0.1;
    config.kl_estimator = "k3";
    config.use_bias_correction_kl = std::string(loss_type) != "grpo";
    config.micro_batch_tokens = 60;
    const auto groups = golden_groups(golden, config);
    check_against_differences(config, groups, *model, *reference);
  }
}

TEST_CASE("k2 gives the gradient of the whole step that r · k3 gives") {
  const GoldenFile golden("grpo_step.safetensors");
  const auto model = golden_model();
  const auto reference = golden_model();
  reference->requires_grad(false);
  for (auto& parameter : reference->parameters()) parameter.mul_(1.05);
  reference->repack();
  auto config = golden_config(golden, "dapo");
  config.beta = 0.3;
  const auto groups = golden_groups(golden, config);
  const auto k2 = step_gradient(config, groups, *model, reference.get());
  config.kl_estimator = "k3";
  const auto k3 = step_gradient(config, groups, *model, reference.get());
  config.use_bias_correction_kl = true;
  const auto corrected = step_gradient(config, groups, *model, reference.get());
  CHECK(relative_error(k2.flat, corrected.flat) < 1e-12);
  CHECK(relative_error(k2.flat, k3.flat) > 1e-3);
  // The metric is the k3 value, whatever the loss uses.
  CHECK(k2.result.kl > 0.0);
  CHECK(k2.result.kl == doctest::Approx(k3.result.kl).epsilon(1e-12));
}
