#include "rl/grpo_update.h"

#include <doctest/doctest.h>

#include <numeric>

#include "rl/advantages.h"
#include "rl/packing.h"
#include "tests/core/thrown_error.h"
#include "tests/policy/thread_count.h"
#include "tests/rl/golden_rollout.h"

using namespace reckon;
using namespace reckon::rl;

namespace {

constexpr const char* kLossTypes[] = {"grpo",
                                      "dr_grpo",
                                      "dapo",
                                      "bnpo",
                                      "gspo",
                                      "cispo",
                                      "gmpo",
                                      "sapo",
                                      "rloo",
                                      "reinforce_pp",
                                      "reinforce_pp_baseline",
                                      "dppo",
                                      "reinforce"};

// The golden model and rollout, and steps on them.
struct Step {
  tests::ThreadCount one_thread{1};
  GoldenFile golden{"grpo_step.safetensors"};
  std::unique_ptr<policy::Transformer> model = golden_model();

  GrpoConfig config(const std::string& loss_type) const { return golden_config(golden, loss_type); }
  std::vector<ScoredGroup> groups(const GrpoConfig& config) const {
    return golden_groups(golden, config);
  }
  StepGradient run(const GrpoConfig& config, const std::vector<ScoredGroup>& groups) const {
    return step_gradient(config, groups, *model);
  }
};

void give_rewards(const GrpoConfig& config, std::vector<ScoredGroup>& groups,
                  const std::vector<double>& rewards) {
  size_t i = 0;
  for (auto& group : groups) {
    for (auto& sample : group.completions) sample.reward = rewards[i++];
  }
  set_advantages(config, groups);
}

// Replaces the sampler's log-probabilities by the trainer's own: the first update of a rollout.
void make_on_policy(const GrpoConfig& config, std::vector<ScoredGroup>& groups,
                    const policy::Transformer& model) {
  for (auto& group : groups) {
    for (auto& sample : group.completions) {
      auto& own = sample.completion;
      const TrainingSequence sequence{group.prompt_ids, own.ids, own.logprobs, 0.0};
      const auto batch = pack_sequences(std::span(&sequence, 1), 1, at::kCPU).at(0);
      const auto out = policy::token_logprobs(model.forward(batch.batch), model.head(), batch.rows,
                                              batch.targets, config.temperature);
      const auto values = out.logprobs.detach().to(at::kFloat).contiguous();
      own.logprobs.assign(values.const_data_ptr<float>(),
                          values.const_data_ptr<float>() + values.numel());
    }
  }
}

std::vector<double> lengths_of(const std::vector<ScoredGroup>& groups) {
  std::vector<double> lengths;
  for (const auto& group : groups) {
    for (const auto& sample : group.completions) {
      lengths.push_back(static_cast<double>(sample.length()));
    }
  }
  return lengths;
}

std::vector<std::optional<double>> rewards_of(const std::vector<ScoredGroup>& groups) {
  std::vector<std::optional<double>> rewards;
  for (const auto& group : groups) {
    for (const auto& sample : group.completions) rewards.push_back(sample.reward);
  }
  return rewards;
}

}  // namespace

TEST_CASE("micro-batch size and order of the groups leave the step's gradient, except for bnpo") {
  const Step step;
  for (const std::string loss_type : kLossTypes) {
    CAPTURE(loss_type);
    auto config = step.config(loss_type);
    auto groups = step.groups(config);
    config.micro_batch_tokens = 4096;
    const auto whole = step.run(config, groups);
    for (const int64_t tokens : {1, 20, 40}) {
      config.micro_batch_tokens = tokens;
      const auto cut = step.run(config, groups);
      const double error = relative_error(cut.flat, whole.flat);
      if (loss_type == "bnpo") {
        CHECK(error > 1e-3);
      } else {
        CHECK(error < 1e-10);
        CHECK(cut.result.loss == doctest::Approx(whole.result.loss).epsilon(1e-10));
      }
      CHECK(cut.result.entropy == doctest::Approx(whole.result.entropy).epsilon(1e-12));
      CHECK(cut.result.clip_region_mean == doctest::Approx(whole.result.clip_region_mean));
      // A prompt that completions share is run once in each micro-batch.
      CHECK(cut.result.trained_tokens >= whole.result.trained_tokens);
    }
    config.micro_batch_tokens = 4096;
    std::reverse(groups.begin(), groups.end());
    CHECK(relative_error(step.run(config, groups).flat, whole.flat) < 1e-10);
  }
}

TEST_CASE("dropping groups without signal leaves the gradient") {
  const Step step;
  for (const std::string loss_type :
       {"grpo", "dr_grpo", "dapo", "gspo", "cispo", "gmpo", "sapo", "rloo"}) {
    CAPTURE(loss_type);
    auto config = step.config(loss_type);
    auto groups = step.groups(config);
    give_rewards(config, groups, {1, 0, 0, 1, 0.3, 0.3, 0.3, 0.3, 0, 0, 1, 0});
    REQUIRE(groups[1].zero_std);
    const auto dropped = step.run(config, groups);
    config.drop_zero_std_groups = false;
    const auto kept = step.run(config, groups);
    CHECK(relative_error(dropped.flat, kept.flat) < 1e-10);
    CHECK(dropped.result.loss == doctest::Approx(kept.result.loss).epsilon(1e-10));
    CHECK(dropped.result.trained_tokens < kept.result.trained_tokens);
  }
}

TEST_CASE("skipped groups may leave the counts too: a larger step in the same direction") {
  const Step step;
  for (const std::string loss_type : {"grpo", "dr_grpo", "dapo"}) {
    CAPTURE(loss_type);
    auto config = step.config(loss_type);
    auto groups = step.groups(config);
    give_rewards(config, groups, {1, 0, 0, 1, 0.3, 0.3, 0.3, 0.3, 0, 0, 1, 0});
    const auto plain = step.run(config, groups);
    config.filter_renormalize = true;
    const auto renormalized = step.run(config, groups);
    const auto lengths = lengths_of(groups);
    const double all = std::accumulate(lengths.begin(), lengths.end(), 0.0);
    const double silent = std::accumulate(lengths.begin() + 4, lengths.begin() + 8, 0.0);
    const double factor = loss_type == "dapo" ? all / (all - silent) : 1.5;
    CHECK(relative_error(renormalized.flat, plain.flat * factor) < 1e-10);
  }
}

TEST_CASE(
    "groups without signal are kept where entropy, dppo's pull or the batch's mean use them") {
  const Step step;
  const auto gradient = [&](GrpoConfig config) {
    auto groups = step.groups(config);
    give_rewards(config, groups, {1, 0, 0, 1, 0.3, 0.3, 0.3, 0.3, 0, 0, 1, 0});
    return step.run(config, groups);
  };
  for (const std::string loss_type : {"reinforce_pp", "dppo"}) {
    CAPTURE(loss_type);
    auto config = step.config(loss_type);
    const auto dropped = gradient(config);
    config.drop_zero_std_groups = false;
    CHECK(dropped.result.trained_tokens == gradient(config).result.trained_tokens);
  }
  auto config = step.config("dr_grpo");
  const auto without = gradient(config);
  config.entropy_coef = 0.01;
  const auto with = gradient(config);
  CHECK(with.result.trained_tokens > without.result.trained_tokens);
  CHECK(with.result.policy_loss == doctest::Approx(without.result.policy_loss).epsilon(1e-10));
  CHECK(with.result.loss ==
        doctest::Approx(without.result.policy_loss - 0.01 * with.result.entropy).epsilon(1e-10));
}

TEST_CASE("at ratio 1 the loss types with equal advantages and aggregation have one gradient") {
  const Step step;
  const auto gradient = [&](const std::string& loss_type, const std::string& aggregation) {
    auto config = step.config(loss_type);
    config.loss_aggregation = aggregation;
    config.scale_rewards = "group";
    config.dppo_kl_tau = 0.0;
    auto groups = step.groups(config);
    make_on_policy(config, groups, *step.model);
    return step.run(config, groups).flat;
  };
  const auto by_sequence = gradient("grpo", "seq_mean_token_mean");
  for (const std::string loss_type : {"gspo", "gmpo"}) {
    CAPTURE(loss_type);
    CHECK(relative_error(gradient(loss_type, "seq_mean"), by_sequence) < 1e-5);
  }
  CHECK(relative_error(gradient("sapo", "seq_mean_token_mean"), by_sequence) < 1e-5);
  const auto by_token = gradient("dapo", "token_mean");
  for (const std::string loss_type : {"cispo", "dppo", "reinforce"}) {
    CAPTURE(loss_type);
    CHECK(relative_error(gradient(loss_type, "token_mean"), by_token) < 1e-5);
  }
  CHECK(relative_error(by_token, by_sequence) > 1e-3);
}

TEST_CASE("the gradient of dr_grpo is that of rloo times (G - 1)/G") {
  const Step step;
  const auto gradient = [&](const std::string& loss_type) {
    const auto config = step.config(loss_type);
    return step.run(config, step.groups(config)).flat;
  };
  CHECK(relative_error(gradient("dr_grpo"), gradient("rloo") * 0.75) < 1e-12);
}

TEST_CASE("groups without signal are kept where the KL gives them a gradient") {
  const Step step;
  auto config = step.config("dr_grpo");
  config.beta = 0.1;
  auto groups = step.groups(config);
  give_rewards(config, groups, std::vector<double>(12, 1.0));
  const auto reference = golden_model();
  reference->requires_grad(false);
  for (auto& parameter : reference->parameters()) parameter.mul_(1.05);
  reference->repack();
  const auto got = step_gradient(config, groups, *step.model, reference.get());
  CHECK(got.flat.abs().max().item<double>() > 1e-6);
  CHECK(got.result.policy_loss == 0.0);
  CHECK(got.result.loss > 0.0);
}

TEST_CASE("a step without any signal moves nothing and still counts") {
  const Step step;
  for (const bool drop : {true, false}) {
    CAPTURE(drop);
    auto config = step.config("dr_grpo");
    config.drop_zero_std_groups = drop;
    config.weight_decay = 0.0;
    auto groups = step.groups(config);
    give_rewards(config, groups, std::vector<double>(12, 0.7));
    const auto model = golden_model();
    Optimizer optimizer(*model, config);
    const auto got = grpo_update(config, groups, *model, nullptr, optimizer, 1e-3);
    CHECK(got.loss == 0.0);
    CHECK(got.grad_norm == 0.0);
    CHECK(got.gap.mismatch_k3 >= 0.0);
    CHECK(optimizer.steps() == 1);
    const auto before = step.model->parameters(), after = model->parameters();
    for (size_t i = 0; i < after.size(); ++i) CHECK(at::equal(after[i], before[i]));
  }
}

TEST_CASE("masked completions have no gradient but count in B and in the group's mean") {
  const Step step;
  for (const std::string loss_type : {"grpo", "dr_grpo", "dapo"}) {
    CAPTURE(loss_type);
    auto config = step.config(loss_type);
    auto groups = step.groups(config);
    config.mask_truncated_completions = true;
    const auto masked = step.run(config, groups);
    // The same by hand: advantages stay, cut-off completions lose theirs.
    config.mask_truncated_completions = false;
    int64_t cut_tokens = 0, tokens = 0;
    for (auto& group : groups) {
      for (auto& sample : group.completions) {
        const bool cut = sample.completion.finish_reason == rollout::FinishReason::length;
        if (cut) sample.advantage = 0.0;
        (cut ? cut_tokens : tokens) += sample.length();
      }
    }
    REQUIRE(cut_tokens > 0);
    auto by_hand = step.run(config, groups).flat;
    if (loss_type == "dapo") {
      by_hand *= static_cast<double>(tokens + cut_tokens) / static_cast<double>(tokens);
    }
    CHECK(relative_error(masked.flat, by_hand) < 1e-10);
  }
}

TEST_CASE("a constant on all rewards leaves the step's gradient") {
  const Step step;
  for (const std::string loss_type : kLossTypes) {
    CAPTURE(loss_type);
    const auto config = step.config(loss_type);
    auto groups = step.groups(config);
    give_rewards(config, groups, {1, 0, 0, 1, 0, 1, 0, 0, 0.5, 0, 1, 0});
    const auto plain = step.run(config, groups);
    give_rewards(config, groups, {3, 2, 2, 3, 2, 3, 2, 2, 2.5, 2, 3, 2});
    CHECK(relative_error(step.run(config, groups).flat, plain.flat) < 1e-6);
  }
}

TEST_CASE("on-policy the loss says what the covariance of length and reward says") {
  const Step step;
  auto config = step.config("dr_grpo");
  auto groups = step.groups(config);
  std::vector<double> rewards;
  for (const double length : lengths_of(groups)) rewards.push_back(length > 5.0 ? 1.0 : 0.0);
  give_rewards(config, groups, rewards);
  make_on_policy(config, groups, *step.model);
  const double covariance =
      group_covariance(lengths_of(groups), rewards_of(groups), config.num_generations);
  REQUIRE(covariance > 0.1);
  CHECK(step.run(config, groups).result.loss ==
        doctest::Approx(-covariance / static_cast<double>(config.max_completion_length))
            .epsilon(1e-5));
  // Where every completion has the same weight, nothing is left of it.
  config = step.config("grpo");
  groups = step.groups(config);
  make_on_policy(config, groups, *step.model);
  CHECK(std::abs(step.run(config, groups).result.loss) < 1e-6);
}

TEST_CASE("the gap of sampler and trainer is measured over the tokens that are trained") {
  const Step step;
  const auto config = step.config("dr_grpo");
  auto groups = step.groups(config);
  make_on_policy(config, groups, *step.model);
  const auto none = step.run(config, groups).result.gap;
  CHECK(none.difference_max < 1e-6);
  CHECK(none.mismatch_k3 < 1e-12);
  CHECK(none.outside_frac == 0.0);
  // One token of 72 is off by 0.2.
  auto& logprobs = groups[1].completions[2].completion.logprobs;
  logprobs.back() -= 0.2F;
  const auto gap = step.run(config, groups).result.gap;
  CHECK(gap.difference_max == doctest::Approx(0.2).epsilon(1e-5));
  CHECK(gap.difference_mean == doctest::Approx(0.2 / 72.0).epsilon(1e-4));
  CHECK(gap.ratio_max == doctest::Approx(std::exp(0.2)).epsilon(1e-5));
  CHECK(gap.ratio_mean == doctest::Approx(1.0 + (std::exp(0.2) - 1.0) / 72.0).epsilon(1e-6));
  CHECK(gap.ratio_min == doctest::Approx(1.0).epsilon(1e-6));
  CHECK(gap.mismatch_k3 == doctest::Approx((std::exp(0.2) - 1.2) / 72.0).epsilon(1e-4));
  CHECK(gap.outside_frac == doctest::Approx(1.0 / 72.0));
  const auto ess = [](double n, double w) {
    return (n - 1.0 + w) * (n - 1.0 + w) / (n * (n - 1.0 + w * w));
  };
  CHECK(gap.ess_token == doctest::Approx(ess(72.0, std::exp(0.2))).epsilon(1e-6));
  CHECK(gap.ess_sequence == doctest::Approx(ess(12.0, std::exp(0.2))).epsilon(1e-6));
}

TEST_CASE("a log-probability that is not finite ends the update before anything is changed") {
  const Step step;
  const auto config = step.config("dr_grpo");
  auto groups = step.groups(config);
  groups[0].completions[0].completion.logprobs[0] = std::numeric_limits<float>::quiet_NaN();
  const auto model = golden_model();
  Optimizer optimizer(*model, config);
  const auto error =
      tests::thrown_by([&] { grpo_update(config, groups, *model, nullptr, optimizer, 1e-3); });
  CHECK(error.code == ErrorCode::internal);
  CHECK(error.says("finite gradient"));
  const auto before = step.model->parameters(), after = model->parameters();
  for (size_t i = 0; i < after.size(); ++i) CHECK(at::equal(after[i], before[i]));
}
