#include "rl/keep_rules.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/hash.h"
#include "core/json.h"
#include "rl/prompt_results.h"

namespace reckon::rl {
namespace {

std::string_view bytes_of(std::span<const int32_t> ids) {
  return {reinterpret_cast<const char*>(ids.data()), ids.size_bytes()};
}

// Stands for a prompt with its completion. 64 bits: among a million samples, two that differ have
// the same key with a chance of 3e-8, and then one of them is missing.
uint64_t key_of(std::span<const int32_t> prompt, std::span<const int32_t> completion) {
  return mix64(fnv1a(bytes_of(prompt))) ^ fnv1a(bytes_of(completion));
}

std::optional<size_t> find_reward(const Scorer& scorer, const std::string& name) {
  for (size_t i = 0; i < scorer.rewards().size(); ++i) {
    if (scorer.rewards()[i]->name() == name) return i;
  }
  return std::nullopt;
}

std::string reward_names(const Scorer& scorer) {
  std::string names;
  for (const auto& reward : scorer.rewards()) names += (names.empty() ? "" : ", ") + reward->name();
  return names;
}

void check_rule(const KeepRuleConfig& rule, const Scorer& scorer, const std::string& where) {
  check(find_reward(scorer, rule.reward).has_value(), ErrorCode::invalid_argument,
        "expected the name of a reward of the stage ({}), got \"{}\", in {}/reward",
        reward_names(scorer), rule.reward, where);
  check(rule.min || rule.max, ErrorCode::invalid_argument,
        "expected min, max or both, got a rule that says nothing about {}, in {}", rule.reward,
        where);
  check(!rule.min || !rule.max || *rule.min <= *rule.max, ErrorCode::invalid_argument,
        "expected max to be at least min ({}), got {}, in {}/max", rule.min.value_or(0.0),
        rule.max.value_or(0.0), where);
}

// Whether `wanted` kept completions could be reached at all.
void check_reachable(const SampleConfig& config, int64_t wanted, const std::string& where) {
  const int64_t each =
      std::min(config.num_generations, config.max_per_prompt.value_or(config.num_generations));
  const double most = static_cast<double>(config.num_prompts) * static_cast<double>(each) *
                      static_cast<double>(config.max_rounds);
  check(static_cast<double>(wanted) <= most, ErrorCode::invalid_argument,
        "expected at most {:.0f} (all completions of max_rounds rounds that may be kept), got {}, "
        "in {}",
        most, wanted, where);
}

}  // namespace

void check_keep_rules(const SampleConfig& config, const Scorer& scorer, const std::string& where) {
  for (size_t i = 0; i < config.keep.size(); ++i) {
    check_rule(config.keep[i], scorer, fmt::format("{}/keep/{}", where, i));
  }
  const int64_t longest = std::min(config.max_length.value_or(config.max_completion_length),
                                   config.max_completion_length);
  check(config.min_length.value_or(1) <= longest, ErrorCode::invalid_argument,
        "expected at most {} (max_length and max_completion_length), got {}, in {}/min_length",
        longest, config.min_length.value_or(1), where);
  const bool has_classes = config.min_kept_per_class > 0 || config.max_kept_per_class.has_value();
  check(!has_classes || !config.class_column.empty(), ErrorCode::invalid_argument,
        "expected the column that min_kept_per_class and max_kept_per_class count by, got none, in "
        "{}/class_column",
        where);
  check(config.max_kept_per_class.value_or(config.min_kept_per_class) >= config.min_kept_per_class,
        ErrorCode::invalid_argument,
        "expected at least min_kept_per_class ({}), got {}, in {}/max_kept_per_class",
        config.min_kept_per_class, config.max_kept_per_class.value_or(0), where);
  check_reachable(config, config.min_kept, where + "/min_kept");
  check_reachable(config, config.min_kept_per_class, where + "/min_kept_per_class");
}

void check_sample_columns(const SampleConfig& config, const tasks::ProblemSource& task,
                          const std::string& where) {
  if (config.group_by.empty() && config.balance_by.empty() && config.class_column.empty()) return;
  constexpr uint64_t kLooked = 256;
  std::vector<tasks::Problem> problems;
  for (uint64_t i = 0; i < kLooked; ++i) problems.push_back(task.at(i));
  check_group_by(problems, config.group_by, where + "/group_by");
  if (!config.balance_by.empty()) {
    check_group_by(problems, {config.balance_by}, where + "/balance_by");
  }
  if (!config.class_column.empty()) {
    check_group_by(problems, {config.class_column}, where + "/class_column");
  }
}

int64_t copies_of(int64_t row, int64_t size, int64_t largest) {
  return largest / size + (row < largest % size ? 1 : 0);
}

KeepRules::KeepRules(const SampleConfig& config, const Scorer& scorer)
    : config_(config), scorer_(scorer) {
  check_keep_rules(config, scorer, "stage " + config.name + " ");
  for (const auto& rule : config.keep) {
    rule_rewards_.push_back(find_reward(scorer, rule.reward).value());
  }
}

std::vector<std::string> KeepRules::decide(const ScoredGroup& group, std::optional<int64_t> room) {
  std::vector<std::string> reasons;
  std::vector<uint64_t> keys;
  std::unordered_set<uint64_t> here;
  for (const auto& sample : group.completions) {
    std::string reason = broken_rule(sample);
    keys.push_back(key_of(group.prompt_ids, sample.completion.ids));
    if (reason.empty() && config_.deduplicate &&
        (kept_.contains(keys.back()) || !here.insert(keys.back()).second)) {
      reason = "duplicate";
    }
    reasons.push_back(std::move(reason));
  }
  drop_beyond_limit(group, reasons);
  for (std::string& reason : reasons) {
    if (room && reason.empty() && (*room)-- <= 0) reason = "over_max_per_class";
  }
  for (size_t s = 0; s < reasons.size(); ++s) {
    if (reasons[s].empty()) kept_.insert(keys[s]);
  }
  return reasons;
}

void KeepRules::remember(std::span<const int32_t> prompt_ids,
                         std::span<const int32_t> completion_ids) {
  kept_.insert(key_of(prompt_ids, completion_ids));
}

std::string KeepRules::broken_rule(const ScoredCompletion& sample) const {
  if (config_.correct && !scorer_.is_correct(sample)) {
    return scorer_.accuracy_score(sample).value ? "incorrect" : "unjudged";
  }
  if (config_.ended && sample.completion.finish_reason == rollout::FinishReason::length) {
    return "cut_off";
  }
  if (config_.min_length && sample.length() < *config_.min_length) return "too_short";
  if (config_.max_length && sample.length() > *config_.max_length) return "too_long";
  for (size_t r = 0; r < config_.keep.size(); ++r) {
    const KeepRuleConfig& rule = config_.keep[r];
    const auto& value = sample.scores.at(rule_rewards_[r]).value;
    if (!value) {
      if (rule.none == "keep") continue;
      return "rewards/" + rule.reward + "/none";
    }
    if ((rule.min && *value < *rule.min) || (rule.max && *value > *rule.max)) {
      return "rewards/" + rule.reward;
    }
  }
  return "";
}

void KeepRules::drop_beyond_limit(const ScoredGroup& group,
                                  std::vector<std::string>& reasons) const {
  if (!config_.max_per_prompt) return;
  std::vector<size_t> left;
  for (size_t s = 0; s < reasons.size(); ++s) {
    if (reasons[s].empty()) left.push_back(s);
  }
  std::stable_sort(left.begin(), left.end(), [&](size_t a, size_t b) {
    constexpr double kNone = -std::numeric_limits<double>::infinity();
    return group.completions[a].reward.value_or(kNone) >
           group.completions[b].reward.value_or(kNone);
  });
  for (size_t i = static_cast<size_t>(*config_.max_per_prompt); i < left.size(); ++i) {
    reasons[left[i]] = "over_max_per_prompt";
  }
}

}  // namespace reckon::rl
