#include "rl/grpo_update.h"

#include "core/error.h"

namespace reckon::rl {
namespace {

// Sums over the micro-batches of a step.
struct Totals {
  double loss = 0.0, policy_loss = 0.0, kl = 0.0, entropy = 0.0;
  double low = 0.0, high = 0.0, low_min = 1.0, high_max = 0.0;
  double difference = 0.0, difference_max = 0.0;
  double ratio = 0.0, ratio_min = 1.0, ratio_max = 1.0, k3 = 0.0, outside = 0.0;
  int64_t tokens = 0, run = 0;
};

// Completions that carry gradient. A group without signal has none unless the KL gives it some;
// masked ones stay in the counts of completions only.
std::vector<TrainingSequence> select_sequences(const GrpoConfig& config,
                                               std::span<const ScoredGroup> groups,
                                               LossCounts& counts) {
  std::vector<TrainingSequence> sequences;
  for (const ScoredGroup& group : groups) {
    const bool skip = group.zero_std && config.drop_zero_std_groups && config.beta == 0.0;
    for (const ScoredCompletion& sample : group.completions) {
      ++counts.completions;
      const bool cut = sample.completion.finish_reason == rollout::FinishReason::length;
      if (config.mask_truncated_completions && cut) continue;
      counts.tokens += sample.length();
      if (skip) continue;
      sequences.push_back(
          {group.prompt_ids, sample.completion.ids, sample.completion.logprobs, sample.advantage});
    }
  }
  return sequences;
}

void add_clip_shares(const GrpoLoss& loss, const std::vector<int64_t>& token_counts,
                     Totals& totals) {
  const auto low = loss.clip_low.to(at::kCPU, at::kDouble);
  const auto high = loss.clip_high.to(at::kCPU, at::kDouble);
  int64_t first = 0;
  for (const int64_t count : token_counts) {
    const double low_share = low.narrow(0, first, count).mean().item<double>();
    const double high_share = high.narrow(0, first, count).mean().item<double>();
    totals.low_min = std::min(totals.low_min, low_share);
    totals.high_max = std::max(totals.high_max, high_share);
    first += count;
  }
  totals.low += low.sum().item<double>();
  totals.high += high.sum().item<double>();
}

void add_gap(const at::Tensor& logprobs, const at::Tensor& sampled, Totals& totals) {
  const auto gap = (logprobs.detach() - sampled).to(at::kDouble);
  const auto rho = gap.exp();
  totals.difference += gap.abs().sum().item<double>();
  totals.difference_max = std::max(totals.difference_max, gap.abs().max().item<double>());
  totals.ratio += rho.sum().item<double>();
  totals.ratio_min = std::min(totals.ratio_min, rho.min().item<double>());
  totals.ratio_max = std::max(totals.ratio_max, rho.max().item<double>());
  totals.k3 += (rho - 1.0 - gap).sum().item<double>();
  totals.outside += (rho < 0.9).logical_or(rho > 1.1).sum().item<double>();
}

UpdateResult to_result(const Totals& totals) {
  UpdateResult out;
  out.loss = totals.loss;
  out.policy_loss = totals.policy_loss;
  out.trained_tokens = totals.run;
  if (totals.tokens == 0) return out;
  const auto n = static_cast<double>(totals.tokens);
  out.kl = totals.kl / n;
  out.entropy = totals.entropy / n;
  out.clip_low_mean = totals.low / n;
  out.clip_low_min = totals.low_min;
  out.clip_high_mean = totals.high / n;
  out.clip_high_max = totals.high_max;
  out.clip_region_mean = (totals.low + totals.high) / n;
  out.gap = {totals.difference / n, totals.difference_max, totals.ratio_min,  totals.ratio / n,
             totals.ratio_max,      totals.k3 / n,         totals.outside / n};
  return out;
}

}  // namespace

GrpoLossConfig loss_config(const GrpoConfig& config) {
  GrpoLossConfig out;
  out.aggregation = parse_loss_aggregation(*config.loss_aggregation);
  out.epsilon = *config.epsilon;
  out.epsilon_high = *config.epsilon_high;
  out.delta = config.delta;
  out.beta = config.beta;
  out.kl_estimator = config.kl_estimator == "k2"     ? KlEstimator::k2
                     : config.use_bias_correction_kl ? KlEstimator::k3_ratio
                                                     : KlEstimator::k3;
  out.max_completion_length = config.max_completion_length;
  return out;
}

UpdateResult grpo_backward(const GrpoConfig& config, std::span<const ScoredGroup> groups,
                           policy::Transformer& model, const policy::Transformer* reference) {
  // Step 1. What carries gradient, and the counts that normalise the step.
  LossCounts counts;
  const auto sequences = select_sequences(config, groups, counts);
  const auto batches =
      pack_sequences(sequences, config.micro_batch_tokens, model.embedding().device());
  counts.micro_batches = static_cast<int64_t>(batches.size());
  const GrpoLossConfig loss_settings = loss_config(config);
  Totals totals;
  for (const MicroBatch& batch : batches) {
    // Step 2. Log-probabilities of the policy, and of the reference where the KL needs them.
    const auto out = policy::token_logprobs(model.forward(batch.batch), model.head(), batch.rows,
                                            batch.targets, config.temperature);
    LossTokens tokens{out.logprobs, batch.old_logprobs, {}, batch.advantages, batch.lengths};
    if (config.beta > 0.0) {
      const at::NoGradGuard no_grad;
      tokens.ref_logprobs =
          policy::token_logprobs(reference->forward(batch.batch), reference->head(), batch.rows,
                                 batch.targets, config.temperature)
              .logprobs;
    }
    // Step 3. Loss and gradient.
    const GrpoLoss loss = grpo_loss(loss_settings, counts, tokens);
    loss.loss.backward();
    // Step 4. Metrics.
    totals.loss += loss.loss.item<double>();
    totals.policy_loss += loss.policy_loss.item<double>();
    if (loss.kl.defined()) totals.kl += loss.kl.sum().item<double>();
    totals.entropy += out.entropy.detach().sum().item<double>();
    totals.tokens += batch.targets.numel();
    totals.run += batch.batch.ids.numel();
    add_clip_shares(loss, batch.token_counts, totals);
    add_gap(out.logprobs, batch.old_logprobs, totals);
  }
  return to_result(totals);
}

UpdateResult grpo_update(const GrpoConfig& config, std::span<const ScoredGroup> groups,
                         policy::Transformer& model, const policy::Transformer* reference,
                         Optimizer& optimizer, double learning_rate) {
  optimizer.zero_grad();
  UpdateResult result = grpo_backward(config, groups, model, reference);
  result.grad_norm = optimizer.step(learning_rate);
  return result;
}

}  // namespace reckon::rl
