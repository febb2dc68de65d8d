#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "rl/advantages.h"
#include "rl/entropy_control.h"
#include "rl/grpo_update.h"
#include "rl/rollout_advantages.h"
#include "tests/rl/golden.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

constexpr int64_t kGroup = 4;

GrpoConfig config_of(json settings) {
  settings["rewards"] = {{{"kind", "random"}}};
  settings["num_generations"] = kGroup;
  settings["max_completion_length"] = 9;
  return resolve_loss_preset(read_config<GrpoConfig>(settings, "", "golden"), "");
}

std::vector<float> floats(const GoldenFile& golden, const std::string& name, int64_t begin,
                          int64_t end) {
  const auto values = golden.tensor(name).to(at::kFloat).contiguous();
  const auto* data = values.const_data_ptr<float>();
  return {data + begin, data + end};
}

// A golden case as a stage sees it: scored groups, from which advantages, counts and micro-batches
// are made. Only the forward pass is missing: its results are the case's `lp` and `entropy`.
class TermCase {
 public:
  TermCase(const GoldenFile& golden, const std::string& name, const json& settings)
      : config_(config_of(settings)), offsets_(golden.integers(name + "/offsets")) {
    const auto rewards = golden.numbers(name + "/rewards");
    const auto scored = golden.integers(name + "/scored");
    const auto truncated = golden.integers(name + "/truncated");
    const bool in_reward = config_.beta > 0.0 && *config_.kl_placement == "reward";
    lp_ref_ = golden.tensor(name + "/lp_ref");
    for (size_t i = 0; i < rewards.size(); ++i) {
      const auto list = [&](const char* key) {
        return floats(golden, name + "/" + key, offsets_[i], offsets_[i + 1]);
      };
      if (i % kGroup == 0) groups_.emplace_back().prompt_ids = {1};
      ScoredCompletion sample;
      sample.completion.logprobs = list("lp_smp");
      sample.completion.ids.assign(sample.completion.logprobs.size(), 3);
      sample.completion.finish_reason =
          truncated[i] != 0 ? rollout::FinishReason::length : rollout::FinishReason::stop;
      if (scored[i] != 0) sample.reward = rewards[i];
      if (config_.old_logprobs == "recompute") sample.old_logprobs = list("lp_old");
      if (in_reward) sample.ref_logprobs = list("lp_ref");
      groups_.back().completions.push_back(sample);
      if (!config_.mask_truncated_completions || truncated[i] == 0) loss_tokens_.push_back(i);
    }
    const std::vector<double> weights = {1.0};
    set_rollout_advantages(config_, weights, groups_);
    config_.drop_zero_std_groups = false;  // so that the completions of a case keep their places
  }

  at::Tensor advantages() const {
    std::vector<double> out;
    for (const auto& group : groups_) {
      for (const auto& sample : group.completions) {
        for (size_t t = 0; t < sample.completion.ids.size(); ++t) {
          out.push_back(sample.token_advantages.empty() ? sample.advantage
                                                        : sample.token_advantages[t]);
        }
      }
    }
    return at::tensor(out, at::kDouble);
  }

  struct Result {
    double loss = 0.0, policy_loss = 0.0;
  };

  // Loss and gradients out of `lp` and `entropy` [N] of all completions, in micro-batches of
  // `tokens`; `chunk` > 0 cuts these into chunks of tokens.
  Result run(const at::Tensor& lp, const at::Tensor& entropy, int64_t tokens, int64_t chunk) {
    config_.micro_batch_tokens = tokens;
    const StepPlan plan = plan_step(config_, groups_, at::kCPU);
    LossCounts counts = plan.counts;
    const auto settings = loss_config(config_, counts.tokens);
    std::vector<at::Tensor> places, kept, entropies;
    for (const auto& batch : plan.batches) {
      places.push_back(places_of(batch));
      entropies.push_back(entropy.detach().index_select(0, places.back()));
    }
    if (config_.top_entropy_quantile < 1.0) {
      kept = top_entropy_masks(entropies, config_.top_entropy_quantile);
    }
    Result out;
    for (size_t b = 0; b < plan.batches.size(); ++b) {
      counts.micro_batch_tokens = places[b].numel();
      LossTokens all = constant_tokens(config_, counts, plan.batches[b]);
      if (!kept.empty()) all.keep_policy_term_at(kept[b]);
      all.logprobs = lp.index_select(0, places[b]);
      all.entropies = entropy.index_select(0, places[b]);
      if (settings.beta > 0.0) all.ref_logprobs = lp_ref_.index_select(0, places[b]);
      const int64_t step = chunk > 0 ? chunk : all.logprobs.numel();
      for (int64_t first = 0; first < all.logprobs.numel(); first += step) {
        const int64_t count = std::min(step, all.logprobs.numel() - first);
        const auto loss = grpo_loss(settings, all.narrow(first, count));
        loss.loss.backward({}, true);
        out.loss += loss.loss.item<double>();
        out.policy_loss += loss.policy_loss.item<double>();
      }
    }
    return out;
  }

  GrpoConfig& config() { return config_; }

 private:
  // Places of a micro-batch's tokens among those of all completions.
  at::Tensor places_of(const MicroBatch& batch) const {
    std::vector<int64_t> places;
    for (const size_t member : batch.members) {
      const size_t i = loss_tokens_[member];
      for (int64_t t = offsets_[i]; t < offsets_[i + 1]; ++t) places.push_back(t);
    }
    return at::tensor(places, at::kLong);
  }

  GrpoConfig config_;
  std::vector<int64_t> offsets_;
  std::vector<size_t> loss_tokens_;  // completions that have loss tokens
  std::vector<ScoredGroup> groups_;
  at::Tensor lp_ref_;
};

at::Tensor leaf(const at::Tensor& values) { return values.clone().requires_grad_(true); }

at::Tensor grad_of(const at::Tensor& tensor) {
  return tensor.grad().defined() ? tensor.grad() : at::zeros_like(tensor);
}

double error(double got, double expected) {
  return std::abs(got - expected) / std::max(std::abs(expected), 1e-3);
}

void check_case(const GoldenFile& golden, const std::string& name, TermCase& one, int64_t tokens,
                int64_t chunk) {
  CAPTURE(tokens);
  CAPTURE(chunk);
  const auto lp = leaf(golden.tensor(name + "/lp"));
  const auto entropy = leaf(golden.tensor(name + "/entropy"));
  const auto got = one.run(lp, entropy, tokens, chunk);
  CHECK(error(got.loss, golden.number(name + "/loss")) < 1e-9);
  CHECK(error(got.policy_loss, golden.number(name + "/policy_loss")) < 1e-9);
  CHECK(relative_error(grad_of(lp), golden.tensor(name + "/dloss_dlp")) < 1e-8);
  CHECK(relative_error(grad_of(entropy), golden.tensor(name + "/dloss_dentropy")) < 1e-12);
}

}  // namespace

TEST_CASE("every loss type, correction, KL and mask has the golden advantages, loss and gradient") {
  const GoldenFile golden("grpo_terms.safetensors");
  const auto cases = golden.metadata("cases");
  REQUIRE(cases.size() > 60);
  for (const auto& [name, settings] : cases.items()) {
    CAPTURE(name);
    TermCase one(golden, name, settings);
    CHECK(relative_error(one.advantages(), golden.tensor(name + "/advantages")) < 1e-9);
    for (const int64_t tokens : {1, 11, 4096}) check_case(golden, name, one, tokens, 0);
  }
}

TEST_CASE("a separable loss may be computed one chunk of tokens at a time, others may not") {
  const GoldenFile golden("grpo_terms.safetensors");
  int separable = 0, changed = 0;
  const auto cases = golden.metadata("cases");
  for (const auto& [name, settings] : cases.items()) {
    CAPTURE(name);
    TermCase one(golden, name, settings);
    if (token_separable(one.config())) {
      ++separable;
      for (const int64_t chunk : {1, 5}) check_case(golden, name, one, 4096, chunk);
    } else {
      const auto lp = leaf(golden.tensor(name + "/lp"));
      one.run(lp, leaf(golden.tensor(name + "/entropy")), 4096, 1);
      changed += relative_error(grad_of(lp), golden.tensor(name + "/dloss_dlp")) > 1e-6;
    }
  }
  CHECK(separable > 30);
  CHECK(changed > 15);
}

TEST_CASE("losses and entropy bonus have the golden gradient with respect to logits") {
  const GoldenFile golden("grpo_terms.safetensors");
  const auto cases = golden.metadata("logits_cases");
  for (const auto& [name, settings] : cases.items()) {
    CAPTURE(name);
    TermCase one(golden, name, settings);
    const auto logits = leaf(golden.tensor(name + "/logits"));
    const auto logprobs = logits.log_softmax(1);
    const auto lp = logprobs.gather(1, golden.tensor(name + "/targets").unsqueeze(1)).squeeze(1);
    const auto entropy = -(logprobs.exp() * logprobs).sum(1);
    const auto got = one.run(lp, entropy, 13, 0);
    CHECK(error(got.loss, golden.number(name + "/loss")) < 1e-9);
    CHECK(relative_error(logits.grad(), golden.tensor(name + "/dloss_dlogits")) < 1e-9);
  }
}

TEST_CASE("rewards that are normalised before they are summed have the golden advantages") {
  const auto golden = GoldenFile("grpo_terms.safetensors").metadata("normalize_then_sum");
  std::vector<Rewards> by_function;
  for (const json& values : golden.at("by_function")) {
    auto& own = by_function.emplace_back();
    for (const json& value : values) {
      own.push_back(value.is_null() ? std::nullopt : std::optional(value.get<double>()));
    }
  }
  const auto weights = golden.at("weights").get<std::vector<double>>();
  const auto got = normalize_then_sum(by_function, weights, kGroup);
  const auto expected = golden.at("advantages").get<std::vector<double>>();
  CHECK(relative_error(at::tensor(got.values, at::kDouble), at::tensor(expected, at::kDouble)) <
        1e-12);
}
