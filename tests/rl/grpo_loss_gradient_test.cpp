#include <doctest/doctest.h>

#include "rl/grpo_loss.h"
#include "tests/rl/golden.h"

using namespace reckon;
using namespace reckon::rl;

namespace {

const at::TensorOptions kDoubles = at::TensorOptions().dtype(at::kDouble);

constexpr LossAggregation kAggregations[] = {LossAggregation::seq_mean_token_mean,
                                             LossAggregation::constant, LossAggregation::token_mean,
                                             LossAggregation::local_token_mean};

// Ratios in every region that epsilon 0.2, epsilon_high 0.28 and delta 1.5 or 4 make, 1 included.
const std::vector<double> kRatios = {0.3, 0.75, 0.85, 1.0, 1.1, 1.25, 1.35, 1.7, 3.0, 5.0};

// A loss with its aggregation.
struct Loss {
  GrpoLossConfig config;
  LossAggregation aggregation = LossAggregation::constant;
};

constexpr int64_t kLongest = 16;
const LossCounts kCounts{
    .completions = 5, .tokens = 40, .micro_batches = 2, .micro_batch_tokens = 20};

GrpoLoss loss_of(const Loss& loss, LossTokens tokens, const LossCounts& counts = kCounts) {
  tokens.weights =
      aggregation_weights(loss.aggregation, counts, tokens.sequences.lengths, {}, kLongest);
  return grpo_loss(loss.config, tokens);
}

// One token for every ratio and sign of the advantage, in completions of different lengths.
LossTokens tokens_in_every_region() {
  const auto ratios = at::tensor(kRatios, kDoubles);
  const auto log_ratio = at::cat({ratios, ratios}).log();
  const int64_t n = log_ratio.numel();
  LossTokens tokens;
  tokens.old_logprobs = -1.0 - at::arange(n, kDoubles) / 10.0;
  tokens.logprobs = (tokens.old_logprobs + log_ratio).requires_grad_(true);
  tokens.ref_logprobs = tokens.logprobs.detach() + at::arange(n, kDoubles).sin();
  const auto signs = at::cat({at::full({n / 2}, 0.7, kDoubles), at::full({n / 2}, -1.3, kDoubles)});
  tokens.advantages = signs;
  const auto sizes = at::tensor({n / 4, n / 4, n / 4, n / 4}, at::kLong);
  tokens.sequences = {at::repeat_interleave(sizes), at::full({n}, n / 4, kDoubles), 4};
  return tokens;
}

at::Tensor gradient_of(const Loss& config, const LossTokens& tokens) {
  LossTokens leaf = tokens;
  leaf.logprobs = tokens.logprobs.detach().clone().requires_grad_(true);
  loss_of(config, leaf).loss.backward();
  return leaf.logprobs.grad();
}

// Central differences of the loss in each log-probability. `frozen_ratio` moves the old
// log-probability along, so that the ratio stays what it is.
at::Tensor differences(const Loss& config, const LossTokens& tokens, bool frozen_ratio) {
  constexpr double kStep = 1e-5;
  const auto n = tokens.logprobs.numel();
  auto out = at::zeros({n}, kDoubles);
  const at::NoGradGuard no_grad;
  for (int64_t i = 0; i < n; ++i) {
    double loss[2];
    for (const int side : {0, 1}) {
      LossTokens moved = tokens;
      const double step = side == 0 ? -kStep : kStep;
      moved.logprobs = tokens.logprobs.clone();
      moved.logprobs[i] += step;
      if (frozen_ratio) {
        moved.old_logprobs = tokens.old_logprobs.clone();
        moved.old_logprobs[i] += step;
      }
      loss[side] = loss_of(config, moved).loss.item<double>();
    }
    out[i] = (loss[1] - loss[0]) / (2.0 * kStep);
  }
  return out;
}

Loss config_of(LossAggregation aggregation, std::optional<double> delta, double beta,
               KlEstimator estimator) {
  Loss out;
  out.aggregation = aggregation;
  out.config.policy.delta = delta;
  out.config.beta = beta;
  out.config.kl_estimator = estimator;
  return out;
}

// Completions of one token each, one a word of a small vocabulary, weighted by the policy: an exact
// expectation over what could be sampled on-policy. Gradient with respect to the logits.
at::Tensor expected_kl_gradient(KlEstimator estimator, const at::Tensor& logits,
                                const at::Tensor& reference) {
  auto leaf = logits.clone().requires_grad_(true);
  const auto logprobs = leaf.log_softmax(0);
  GrpoLossConfig config;
  config.beta = 1.0;
  config.kl_estimator = estimator;
  LossTokens tokens;
  tokens.logprobs = logprobs;
  tokens.old_logprobs = logprobs.detach();
  tokens.ref_logprobs = reference.log_softmax(0);
  tokens.advantages = at::zeros_like(logprobs.detach());
  tokens.weights = logprobs.detach().exp();
  grpo_loss(config, tokens).loss.backward();
  return leaf.grad();
}

// Gradient of KL(p, q) = Σ p (log p - log q) where one of both is softmax(logits).
at::Tensor kl_gradient(const at::Tensor& logits, const at::Tensor& reference, bool reverse) {
  auto leaf = logits.clone().requires_grad_(true);
  const auto policy = leaf.log_softmax(0), other = reference.log_softmax(0);
  const auto& p = reverse ? other : policy;
  const auto& q = reverse ? policy : other;
  (p.exp() * (p - q)).sum().backward();
  return leaf.grad();
}

}  // namespace

TEST_CASE("the gradient is that of finite differences in every clip region and for both signs") {
  const auto tokens = tokens_in_every_region();
  for (const auto aggregation : kAggregations) {
    for (const std::optional<double> delta : {std::optional<double>(), {1.5}, {4.0}, {1.15}}) {
      for (const auto estimator : {KlEstimator::k3, KlEstimator::k3_ratio}) {
        for (const double beta : {0.0, 0.1}) {
          const auto config = config_of(aggregation, delta, beta, estimator);
          CHECK(relative_error(gradient_of(config, tokens), differences(config, tokens, false)) <
                1e-7);
        }
      }
    }
  }
}

TEST_CASE("the gradient of k2 is that of finite differences with the ratio held") {
  const auto tokens = tokens_in_every_region();
  for (const auto aggregation : kAggregations) {
    const auto with = config_of(aggregation, {}, 0.1, KlEstimator::k2);
    const auto without = config_of(aggregation, {}, 0.0, KlEstimator::k2);
    const auto got = gradient_of(with, tokens) - gradient_of(without, tokens);
    CHECK(relative_error(got, differences(with, tokens, true)) < 1e-7);
  }
}

TEST_CASE("the gradient stops exactly where the clip says") {
  const auto tokens = tokens_in_every_region();
  const auto plain = config_of(LossAggregation::constant, {}, 0.0, KlEstimator::k2);
  const auto bounded = config_of(LossAggregation::constant, 4.0, 0.0, KlEstimator::k2);
  const auto gradient = gradient_of(plain, tokens), with_delta = gradient_of(bounded, tokens);
  const auto n = static_cast<int64_t>(kRatios.size());
  const double weight = 1.0 / (5.0 * 16.0);
  for (int64_t i = 0; i < n; ++i) {
    const double r = kRatios[static_cast<size_t>(i)];
    CAPTURE(r);
    const double raised = gradient[i].item<double>(), lowered = gradient[n + i].item<double>();
    CHECK(raised == doctest::Approx(r > 1.28 ? 0.0 : -0.7 * r * weight));
    CHECK(lowered == doctest::Approx(r < 0.8 ? 0.0 : 1.3 * r * weight));
    CHECK(with_delta[i].item<double>() == raised);
    CHECK(with_delta[n + i].item<double>() == doctest::Approx(r > 4.0 ? 0.0 : lowered));
  }
}

TEST_CASE("delta is the dual clip: max(min(r A, clip(r) A), delta A) where A is negative") {
  const auto tokens = tokens_in_every_region();
  const auto config = config_of(LossAggregation::constant, 3.5, 0.0, KlEstimator::k2);
  const auto r = (tokens.logprobs - tokens.old_logprobs).detach().exp();
  const auto& a = tokens.advantages;
  const auto clipped = at::minimum(r * a, r.clamp(0.8, 1.28) * a);
  const auto dual = at::where(a < 0, at::maximum(clipped, 3.5 * a), clipped);
  const double expected = -dual.sum().item<double>() / (5.0 * 16.0);
  CHECK(loss_of(config, tokens).loss.item<double>() == doctest::Approx(expected));
}

TEST_CASE("with epsilon 10 nothing is clipped where the advantage is negative") {
  const auto tokens = tokens_in_every_region();
  auto config = config_of(LossAggregation::token_mean, {}, 0.0, KlEstimator::k2);
  config.config.policy.epsilon = config.config.policy.epsilon_high = 10.0;
  const auto loss = loss_of(config, tokens);
  const auto r = (tokens.logprobs - tokens.old_logprobs).detach().exp();
  CHECK(relative_error(gradient_of(config, tokens), -r * tokens.advantages / 40.0) < 1e-12);
  CHECK_FALSE(loss.clip_low.any().item<bool>());
  CHECK_FALSE(loss.clip_high.any().item<bool>());
}

TEST_CASE("the gradients of k2 and of r · k3 are sg(r) · x at every token, of k3 1 - exp(-x)") {
  const auto tokens = tokens_in_every_region();
  const auto kl_part = [&](KlEstimator estimator) {
    return gradient_of(config_of(LossAggregation::token_mean, {}, 1.0, estimator), tokens) -
           gradient_of(config_of(LossAggregation::token_mean, {}, 0.0, estimator), tokens);
  };
  const auto r = (tokens.logprobs - tokens.old_logprobs).detach().exp();
  const auto x = (tokens.logprobs - tokens.ref_logprobs).detach();
  CHECK(relative_error(kl_part(KlEstimator::k2), r * x / 40.0) < 1e-12);
  CHECK(relative_error(kl_part(KlEstimator::k3_ratio), r * x / 40.0) < 1e-12);
  CHECK(relative_error(kl_part(KlEstimator::k3), (1.0 - at::exp(-x)) / 40.0) < 1e-12);
}

TEST_CASE(
    "on-policy k2 and r · k3 follow KL(policy, reference), k3 follows KL(reference, policy)") {
  const auto logits = at::tensor({0.3, -1.0, 2.0, 0.0, 0.7}, kDoubles);
  const auto reference = at::tensor({1.3, 0.5, 0.1, -0.6, 0.2}, kDoubles);
  const auto forward = kl_gradient(logits, reference, false);
  const auto backward = kl_gradient(logits, reference, true);
  CHECK(relative_error(backward, forward) > 0.1);  // or the test would tell nothing apart
  const auto of = [&](KlEstimator e) { return expected_kl_gradient(e, logits, reference); };
  CHECK(relative_error(of(KlEstimator::k2), forward) < 1e-12);
  CHECK(relative_error(of(KlEstimator::k3_ratio), forward) < 1e-12);
  CHECK(relative_error(of(KlEstimator::k3), backward) < 1e-12);
}

TEST_CASE("the gradient of ratios of sequences and of smooth gates is that of finite differences") {
  const auto tokens = tokens_in_every_region();
  for (const auto term : {PolicyTerm::sequence_clip, PolicyTerm::gmpo, PolicyTerm::sapo}) {
    for (const double beta : {0.0, 0.1}) {
      auto loss = config_of(LossAggregation::seq_mean_token_mean, {}, beta, KlEstimator::k3);
      loss.config.policy.term = term;
      loss.config.policy.epsilon = loss.config.policy.epsilon_high = 0.4;
      const auto gradient = gradient_of(loss, tokens);
      CHECK(relative_error(gradient, differences(loss, tokens, false)) < 1e-7);
      CHECK(gradient.abs().max().item<double>() > 1e-3);
    }
  }
}

TEST_CASE("ratios that only weigh give a gradient of weight times advantage") {
  auto tokens = tokens_in_every_region();
  tokens.sampler_logprobs = tokens.old_logprobs;
  auto loss = config_of(LossAggregation::token_mean, {}, 0.0, KlEstimator::k2);
  const auto r = (tokens.logprobs - tokens.old_logprobs).detach().exp();
  const auto& a = tokens.advantages;
  auto& policy = loss.config.policy;
  policy.term = PolicyTerm::reinforce;
  CHECK(relative_error(gradient_of(loss, tokens), -a / 40.0) < 1e-12);
  policy.term = PolicyTerm::cispo;
  policy.epsilon_high = 2.0;
  CHECK(relative_error(gradient_of(loss, tokens), -r.clamp_max(2.0) * a / 40.0) < 1e-12);
  policy.term = PolicyTerm::dppo;
  policy.dppo_mask_low = policy.dppo_mask_high = 0.05;
  const auto change = tokens.logprobs.detach().exp() - tokens.old_logprobs.exp();
  const auto gone = ((a > 0) & (change > 0.05)) | ((a < 0) & (change < -0.05));
  REQUIRE(gone.any().item<bool>());
  REQUIRE_FALSE(gone.all().item<bool>());
  const auto pull = 2.0 * policy.dppo_kl_tau * r.log();
  const auto expected = -(r.masked_fill(gone, 0.0) * a - pull) / 40.0;
  CHECK(relative_error(gradient_of(loss, tokens), expected) < 1e-12);
}

TEST_CASE("as a loss k1 has no expected gradient, and k3+ follows KL(policy, reference)") {
  const auto logits = at::tensor({0.3, -1.0, 2.0, 0.0, 0.7}, kDoubles);
  const auto reference = at::tensor({1.3, 0.5, 0.1, -0.6, 0.2}, kDoubles);
  auto leaf = logits.clone().requires_grad_(true);
  const auto logprobs = leaf.log_softmax(0);
  (logprobs.detach().exp() * (logprobs - reference.log_softmax(0))).sum().backward();
  CHECK(leaf.grad().abs().max().item<double>() < 1e-15);
  CHECK(relative_error(expected_kl_gradient(KlEstimator::k3_plus, logits, reference),
                       kl_gradient(logits, reference, false)) < 1e-12);
}
