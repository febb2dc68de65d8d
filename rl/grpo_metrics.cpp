#include "rl/grpo_metrics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/bootstrap.h"
#include "rewards/verdict.h"
#include "rl/advantages.h"
#include "rl/evaluate.h"

namespace reckon::rl {
namespace {

using nlohmann::json;

json mean_or_null(const std::vector<double>& values) {
  if (values.empty()) return nullptr;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

json deviation_or_null(const std::vector<double>& values) {
  if (values.empty()) return nullptr;
  const double mean = mean_or_null(values).get<double>();
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return values.size() < 2 ? 0.0 : std::sqrt(squares / static_cast<double>(values.size() - 1));
}

template <class Body>
void for_each_sample(std::span<const ScoredGroup> groups, Body body) {
  for (const ScoredGroup& group : groups) {
    for (const ScoredCompletion& sample : group.completions) body(sample);
  }
}

// How often a grader gave each of its reasons, as shares of all samples; other rewards say why in
// free text, which is not counted.
void add_reasons(json& out, const std::string& base, std::span<const ScoredGroup> groups,
                 size_t reward) {
  std::map<std::string, double> counts;
  double all = 0.0;
  for_each_sample(groups, [&](const ScoredCompletion& sample) {
    const std::string& text = sample.scores[reward].reason;
    const std::string name = text.substr(0, text.find(':'));
    const auto& names = rewards::kReasonNames;
    if (std::ranges::find(names, name) != names.end()) counts[name] += 1.0;
    all += 1.0;
  });
  for (const auto& [name, count] : counts) out[base + "/reason/" + name] = count / all;
}

void add_rewards(json& out, std::span<const ScoredGroup> groups, const Scorer& scorer) {
  std::vector<double> all, correct, extracted;
  double unscorable = 0.0;
  for_each_sample(groups, [&](const ScoredCompletion& sample) {
    if (sample.reward) all.push_back(*sample.reward);
    unscorable += sample.reward ? 0.0 : 1.0;
    correct.push_back(scorer.is_correct(sample) ? 1.0 : 0.0);
    extracted.push_back(scorer.accuracy_score(sample).extracted.empty() ? 0.0 : 1.0);
  });
  out["reward"] = mean_or_null(all);
  out["reward_std"] = deviation_or_null(all);
  out["accuracy"] = mean_or_null(correct);
  out["format_valid_frac"] = mean_or_null(extracted);
  out["unscorable_frac"] = unscorable / static_cast<double>(correct.size());
  for (size_t f = 0; f < scorer.rewards().size(); ++f) {
    std::vector<double> values;
    for_each_sample(groups, [&](const ScoredCompletion& sample) {
      if (sample.scores[f].value) values.push_back(*sample.scores[f].value);
    });
    const std::string base = "rewards/" + scorer.rewards()[f]->name();
    out[base + "/mean"] = mean_or_null(values);
    out[base + "/std"] = deviation_or_null(values);
    out[base + "/none_frac"] =
        1.0 - static_cast<double>(values.size()) / static_cast<double>(correct.size());
    add_reasons(out, base, groups, f);
  }
}

void add_lengths(json& out, std::span<const ScoredGroup> groups) {
  std::vector<double> terminated;
  for_each_sample(groups, [&](const ScoredCompletion& sample) {
    if (sample.completion.finish_reason != rollout::FinishReason::stop) return;
    terminated.push_back(static_cast<double>(sample.length()));
  });
  auto all = completion_lengths(groups);
  std::sort(all.begin(), all.end());
  out["completions/mean_length"] = mean_or_null(all);
  out["completions/min_length"] = all.front();
  out["completions/max_length"] = all.back();
  out["completions/length_p10"] = quantile(all, 0.1);
  out["completions/length_p50"] = quantile(all, 0.5);
  out["completions/length_p90"] = quantile(all, 0.9);
  out["completions/clipped_ratio"] =
      1.0 - static_cast<double>(terminated.size()) / static_cast<double>(all.size());
  out["completions/mean_terminated_length"] = mean_or_null(terminated);
  if (!terminated.empty()) {
    out["completions/min_terminated_length"] = *std::ranges::min_element(terminated);
    out["completions/max_terminated_length"] = *std::ranges::max_element(terminated);
  }
}

void add_lengths_by_result(json& out, std::span<const ScoredGroup> groups, const Scorer& scorer) {
  std::vector<double> correct, wrong;
  for_each_sample(groups, [&](const ScoredCompletion& sample) {
    (scorer.is_correct(sample) ? correct : wrong).push_back(static_cast<double>(sample.length()));
  });
  out["completions/mean_length_correct"] = mean_or_null(correct);
  out["completions/mean_length_wrong"] = mean_or_null(wrong);
}

void add_groups(json& out, const GrpoConfig& config, std::span<const ScoredGroup> groups,
                const Scorer& scorer) {
  std::vector<std::optional<double>> rewards, accuracy;
  double zero = 0.0, right = 0.0, wrong = 0.0;
  for (const ScoredGroup& group : groups) {
    double correct = 0.0;
    for (const ScoredCompletion& sample : group.completions) {
      rewards.push_back(sample.reward);
      const bool is_correct = scorer.is_correct(sample);
      accuracy.push_back(is_correct ? 1.0 : 0.0);
      correct += is_correct;
    }
    zero += group.zero_std;
    right += correct == static_cast<double>(group.completions.size());
    wrong += correct == 0.0;
  }
  const auto count = static_cast<double>(groups.size());
  out["frac_reward_zero_std"] = zero / count;
  out["frac_groups_all_correct"] = right / count;
  out["frac_groups_all_wrong"] = wrong / count;
  const auto lengths = completion_lengths(groups);
  out["len_reward_cov"] = group_covariance(lengths, rewards, config.num_generations);
  out["len_accuracy_cov"] = group_covariance(lengths, accuracy, config.num_generations);
}

// The bytes that token `at` adds behind the one before it: decoders may put a space between two.
std::string added_bytes(std::span<const int32_t> ids, size_t at,
                        const policy::Tokenizer& tokenizer) {
  const std::string own = tokenizer.decode_bytes(ids.subspan(at, 1));
  if (at == 0) return own;
  const std::string before = tokenizer.decode_bytes(ids.subspan(at - 1, 1));
  const std::string both = tokenizer.decode_bytes(ids.subspan(at - 1, 2));
  return both.starts_with(before) ? both.substr(before.size()) : own;
}

// How many bytes at the end of `text` are the beginning of a character.
size_t unfinished_bytes(std::string_view text) {
  for (size_t size = 1; size <= std::min<size_t>(3, text.size()); ++size) {
    const auto byte = static_cast<unsigned char>(text[text.size() - size]);
    if ((byte & 0xC0U) == 0x80U) continue;
    const size_t needed = byte >= 0xF0U ? 4 : byte >= 0xE0U ? 3 : byte >= 0xC0U ? 2 : 1;
    return needed > size ? size : 0;
  }
  return 0;
}

}  // namespace

std::vector<double> completion_lengths(std::span<const ScoredGroup> groups) {
  std::vector<double> lengths;
  for_each_sample(groups, [&](const ScoredCompletion& sample) {
    lengths.push_back(static_cast<double>(sample.length()));
  });
  return lengths;
}

json reward_metrics(std::span<const ScoredGroup> groups, const Scorer& scorer) {
  json out = json::object();
  add_rewards(out, groups, scorer);
  return out;
}

json length_metrics(std::span<const ScoredGroup> groups) {
  json out = json::object();
  add_lengths(out, groups);
  return out;
}

json completion_metrics(const GrpoConfig& config, std::span<const ScoredGroup> groups,
                        const Scorer& scorer) {
  json out = json::object();
  add_rewards(out, groups, scorer);
  add_lengths(out, groups);
  add_lengths_by_result(out, groups, scorer);
  add_groups(out, config, groups, scorer);
  for (const std::string& word : config.reflection_words) {
    std::vector<double> counts;
    for_each_sample(groups, [&](const ScoredCompletion& sample) {
      counts.push_back(static_cast<double>(count_word(sample.text, word)));
    });
    out["reflection/" + word] = mean_or_null(counts);
  }
  return out;
}

json update_metrics(const GrpoConfig& config, const UpdateResult& update, const SamplingGap& gap) {
  json out = {{"loss", update.loss},
              {"policy_loss", update.policy_loss},
              {"entropy", update.entropy},
              {"grad_norm", update.grad_norm},
              {"sampling/sampling_logp_difference/mean", gap.difference_mean},
              {"sampling/sampling_logp_difference/max", gap.difference_max},
              {"sampling/importance_sampling_ratio/min", gap.ratio_min},
              {"sampling/importance_sampling_ratio/mean", gap.ratio_mean},
              {"sampling/importance_sampling_ratio/max", gap.ratio_max},
              {"sampling/mismatch_k3", gap.mismatch_k3},
              {"sampling/ratio_outside_frac", gap.outside_frac},
              {"sampling/ess_token", gap.ess_token},
              {"sampling/ess_sequence", gap.ess_sequence}};
  if (config.beta > 0.0) out["kl"] = update.kl;
  if (config.loss_type == "cispo") {
    out["cispo_clip_ratio"] = update.clip_high_mean;
  } else if (config.loss_type != "sapo" && config.loss_type != "reinforce") {
    out["clip_ratio/low_mean"] = update.clip_low_mean;
    out["clip_ratio/low_min"] = update.clip_low_min;
    out["clip_ratio/high_mean"] = update.clip_high_mean;
    out["clip_ratio/high_max"] = update.clip_high_max;
    out["clip_ratio/region_mean"] = update.clip_region_mean;
  }
  return out;
}

json completion_line(const std::string& stage, int64_t step, const ScoredGroup& group,
                     size_t sample_number, const Scorer& scorer) {
  const ScoredCompletion& sample = group.completions.at(sample_number);
  const auto main = sample.scores.empty() ? rewards::RewardResult{} : scorer.accuracy_score(sample);
  json rewards = json::object();
  for (size_t f = 0; f < sample.scores.size(); ++f) {
    const auto& value = sample.scores[f].value;
    rewards[scorer.rewards()[f]->name()] = value ? json(*value) : json();
  }
  return {{"stage", stage},
          {"step", step},
          {"prompt_index", group.problem.index},
          {"sample", sample_number},
          {"prompt", group.problem.prompt},
          {"completion", sample.text},
          {"num_tokens", sample.length()},
          {"finish_reason", rollout::to_string(sample.completion.finish_reason)},
          {"rewards", rewards},
          {"reward", sample.reward ? json(*sample.reward) : json()},
          {"advantage", sample.advantage},
          {"extracted", main.extracted},
          {"gold", main.gold},
          {"reason", main.reason},
          {"difficulty", group.problem.difficulty},
          {"columns", *group.problem.columns}};
}

void add_tokens(json& line, const ScoredCompletion& sample, const policy::Tokenizer& tokenizer) {
  const auto& completion = sample.completion;
  json logprobs = json::array(), tokens = json::array();
  // Four decimals are more than a shade shows.
  for (const float value : completion.logprobs) {
    logprobs.push_back(std::round(static_cast<double>(value) * 1e4) / 1e4);
  }
  std::string pending;
  for (size_t at = 0; at < completion.ids.size(); ++at) {
    pending += added_bytes(completion.ids, at, tokenizer);
    const bool is_last = at + 1 == completion.ids.size();
    const size_t kept = is_last ? 0 : unfinished_bytes(pending);
    tokens.push_back(pending.substr(0, pending.size() - kept));
    pending.erase(0, pending.size() - kept);
  }
  line["logprobs"] = std::move(logprobs);
  line["tokens"] = std::move(tokens);
}

}  // namespace reckon::rl
