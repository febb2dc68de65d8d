#include "rl/grpo_update.h"

#include "core/error.h"
#include "rl/entropy_control.h"
#include "rl/fused_loss.h"

namespace reckon::rl {
namespace {

bool in_loss(const GrpoConfig& config, const ScoredCompletion& sample) {
  return !config.mask_truncated_completions ||
         sample.completion.finish_reason != rollout::FinishReason::length;
}

int64_t loss_tokens(const GrpoConfig& config, const ScoredGroup& group) {
  int64_t tokens = 0;
  for (const ScoredCompletion& sample : group.completions) {
    if (in_loss(config, sample)) tokens += sample.length();
  }
  return tokens;
}

TrainingSequence training_sequence(const ScoredGroup& group, const ScoredCompletion& sample,
                                   int64_t group_tokens) {
  const auto& sampled = sample.completion.logprobs;
  TrainingSequence out{group.prompt_ids, sample.completion.ids, sampled, sample.advantage};
  if (!sample.old_logprobs.empty()) {
    out.old_logprobs = sample.old_logprobs;
    out.sampler_logprobs = sampled;
  }
  out.token_advantages = sample.token_advantages;
  out.ref_logprobs = sample.ref_logprobs;
  out.group_tokens = group_tokens;
  return out;
}

// Completions that carry gradient; masked ones stay in the counts of completions only.
std::vector<TrainingSequence> select_sequences(const GrpoConfig& config,
                                               std::span<const ScoredGroup> groups,
                                               LossCounts& counts) {
  std::vector<TrainingSequence> sequences;
  for (const ScoredGroup& group : groups) {
    const bool skip =
        group.zero_std && config.drop_zero_std_groups && !silent_groups_matter(config);
    if (skip && config.filter_renormalize) continue;
    const int64_t tokens = loss_tokens(config, group);
    ++counts.groups;
    counts.completions += std::ssize(group.completions);
    counts.tokens += tokens;
    if (skip) continue;
    for (const ScoredCompletion& sample : group.completions) {
      if (in_loss(config, sample)) sequences.push_back(training_sequence(group, sample, tokens));
    }
  }
  return sequences;
}

PolicyTerm policy_term_of(const GrpoConfig& config) {
  if (config.loss_type == "cispo") return PolicyTerm::cispo;
  if (config.loss_type == "gmpo") return PolicyTerm::gmpo;
  if (config.loss_type == "sapo") return PolicyTerm::sapo;
  if (config.loss_type == "dppo") return PolicyTerm::dppo;
  if (config.loss_type == "reinforce") return PolicyTerm::reinforce;
  return *config.importance_sampling_level == "sequence" ? PolicyTerm::sequence_clip
                                                         : PolicyTerm::clip;
}

policy::TokenLogprobs token_values(const GrpoConfig& config, const MicroBatch& batch,
                                   const policy::Transformer& model) {
  return policy::token_logprobs(model.forward(batch.batch), model.head(), batch.rows, batch.targets,
                                config.temperature);
}

// Entropies [N] of each micro-batch under the policy, without gradient.
std::vector<at::Tensor> all_entropies(const GrpoConfig& config, std::span<const MicroBatch> batches,
                                      const policy::Transformer& model) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> out;
  for (const MicroBatch& batch : batches) out.push_back(token_values(config, batch, model).entropy);
  return out;
}

}  // namespace

StepPlan plan_step(const GrpoConfig& config, std::span<const ScoredGroup> groups,
                   const at::Device& device) {
  StepPlan plan;
  const auto sequences = select_sequences(config, groups, plan.counts);
  plan.batches = pack_sequences(sequences, config.micro_batch_tokens, device);
  plan.counts.micro_batches = std::ssize(plan.batches);
  return plan;
}

GrpoLossConfig loss_config(const GrpoConfig& config, int64_t step_tokens) {
  GrpoLossConfig out;
  out.policy = {.term = policy_term_of(config),
                .epsilon = config.epsilon.value_or(0.0),
                .epsilon_high = config.epsilon_high.value_or(0.0),
                .delta = config.delta,
                .sapo_temperature_pos = config.sapo_temperature_pos,
                .sapo_temperature_neg = config.sapo_temperature_neg,
                .dppo_mask_low = config.dppo_mask_low,
                .dppo_mask_high = config.dppo_mask_high,
                .dppo_kl_tau = config.dppo_kl_tau};
  if (*config.kl_placement == "loss" && config.beta > 0.0) {
    out.beta = config.beta;
    out.kl_estimator = parse_kl_estimator(*config.kl_estimator, config.use_bias_correction_kl);
  }
  out.off_policy_mask_threshold = config.off_policy_mask_threshold;
  out.entropy_weight = config.entropy_coef / static_cast<double>(std::max<int64_t>(1, step_tokens));
  return out;
}

CorrectionConfig correction_config(const GrpoConfig& config) {
  const PolicyTerm term = policy_term_of(config);
  return {.kind = parse_sampler_correction(config.importance_sampling_correction),
          .clip_max = config.importance_sampling_clip_max.value_or(0.0),
          .clip_min = config.importance_sampling_clip_min.value_or(0.0),
          .one_per_sequence = term == PolicyTerm::sequence_clip || term == PolicyTerm::gmpo};
}

LossTokens constant_tokens(const GrpoConfig& config, const LossCounts& counts,
                           const MicroBatch& batch) {
  const auto correction = correction_config(config);
  LossTokens out;
  out.old_logprobs = batch.old_logprobs;
  out.sampler_logprobs = batch.sampler_logprobs;
  out.ref_logprobs = batch.ref_logprobs;
  out.advantages = batch.advantages;
  out.weights = aggregation_weights(parse_loss_aggregation(*config.loss_aggregation), counts,
                                    batch.lengths.to(at::kDouble), batch.group_lengths,
                                    config.max_completion_length);
  if (correction.kind != SamplerCorrection::none && batch.sampler_logprobs.defined()) {
    const auto old = batch.old_logprobs.to(at::kDouble);
    const auto sampled = batch.sampler_logprobs.to(at::kDouble);
    out.policy_factors = correction_weights(correction, old, sampled, batch.sequences);
    out.engine_ratio = engine_ratio(correction, old, sampled);
  }
  out.sequences = batch.sequences;
  return out;
}

UpdateResult grpo_backward(const GrpoConfig& config, std::span<const ScoredGroup> groups,
                           policy::Transformer& model, const policy::Transformer* reference) {
  // Step 1. What carries gradient, and the counts that normalise the step.
  const StepPlan plan = plan_step(config, groups, model.embedding().device());
  const auto& batches = plan.batches;
  LossCounts counts = plan.counts;
  // Step 2. The tokens that keep their policy term, where the entropies of the step decide it.
  std::vector<at::Tensor> kept;
  if (config.top_entropy_quantile < 1.0) {
    kept = top_entropy_masks(all_entropies(config, batches, model), config.top_entropy_quantile);
  }
  const GrpoLossConfig loss_settings = loss_config(config, counts.tokens);
  UpdateTotals totals(config.importance_sampling_correction.starts_with("sequence"));
  for (size_t b = 0; b < batches.size(); ++b) {
    const MicroBatch& batch = batches[b];
    counts.micro_batch_tokens = batch.targets.numel();
    LossTokens tokens = constant_tokens(config, counts, batch);
    if (!kept.empty()) tokens.keep_policy_term_at(kept[b]);
    // Step 3. Log-probabilities of the reference where the loss needs them.
    if (loss_settings.beta > 0.0) {
      const at::NoGradGuard no_grad;
      tokens.ref_logprobs = token_values(config, batch, *reference).logprobs;
    }
    // Step 4. Log-probabilities of the policy, loss, gradient and metrics.
    if (token_separable(config)) {
      const FusedLoss fused =
          fused_backward(loss_settings, tokens, batch, model, config.temperature);
      totals.add(fused.loss, batch, fused.values.logprobs, fused.values.entropy);
      continue;
    }
    const auto out = token_values(config, batch, model);
    tokens.logprobs = out.logprobs;
    tokens.entropies = out.entropy;
    const GrpoLoss loss = grpo_loss(loss_settings, tokens);
    loss.loss.backward();
    totals.add(loss, batch, out.logprobs, out.entropy);
  }
  return totals.result();
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
