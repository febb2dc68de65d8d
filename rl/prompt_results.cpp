#include "rl/prompt_results.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/bootstrap.h"
#include "core/error.h"
#include "core/json.h"
#include "tasks/problem_class.h"

namespace reckon::rl {
namespace {

using nlohmann::json;

std::string mean_key(const rewards::Reward& reward) { return "rewards/" + reward.name() + "/mean"; }

// Whether the reward that counts could judge any answer: the gold may be unreadable.
bool has_gold(const ScoredGroup& group, const Scorer& scorer) {
  return std::any_of(group.completions.begin(), group.completions.end(), [&](const auto& sample) {
    return scorer.accuracy_score(sample).value.has_value();
  });
}

// With one reward that is no length term a clean answer is just a right one.
bool knows_clean(const Scorer& scorer) {
  return std::ranges::count_if(scorer.rewards(),
                               [](const auto& reward) { return !reward->is_length_term(); }) > 1;
}

// The values of one reward, as far as it applied.
std::vector<double> reward_values(const ScoredGroup& group, size_t reward) {
  std::vector<double> values;
  for (const auto& sample : group.completions) {
    if (const auto& value = sample.scores.at(reward).value) values.push_back(*value);
  }
  return values;
}

PromptResult judge(const ScoredGroup& group, const Scorer& scorer) {
  PromptResult result;
  result.group = &group;
  const auto total = static_cast<double>(group.completions.size());
  double clean = 0.0, length = 0.0;
  for (const auto& sample : group.completions) {
    result.correct += scorer.is_correct(sample);
    clean += is_clean(sample, scorer);
    length += static_cast<double>(sample.length());
  }
  result.values["accuracy"] = static_cast<double>(result.correct) / total;
  result.values["mean_length"] = length / total;
  if (knows_clean(scorer)) result.values["clean_frac"] = clean / total;
  for (size_t i = 0; i < scorer.rewards().size(); ++i) {
    const auto values = reward_values(group, i);
    if (!values.empty()) result.values[mean_key(*scorer.rewards()[i])] = mean(values);
  }
  return result;
}

}  // namespace

std::vector<PromptResult> prompt_results(const std::vector<ScoredGroup>& groups,
                                         const Scorer& scorer) {
  std::vector<PromptResult> results;
  for (const ScoredGroup& group : groups) {
    if (has_gold(group, scorer)) results.push_back(judge(group, scorer));
  }
  return results;
}

std::vector<double> values_of(const std::vector<PromptResult>& results, const std::string& key) {
  std::vector<double> values;
  for (const auto& result : results) {
    const auto found = result.values.find(key);
    if (found != result.values.end()) values.push_back(found->second);
  }
  return values;
}

std::vector<double> lengths_of(const std::vector<PromptResult>& results) {
  std::vector<double> values;
  for (const auto& result : results) {
    for (const auto& sample : result.group->completions) {
      values.push_back(static_cast<double>(sample.length()));
    }
  }
  return values;
}

bool is_clean(const ScoredCompletion& completion, const Scorer& scorer) {
  if (!scorer.is_correct(completion)) return false;
  for (size_t i = 0; i < scorer.rewards().size(); ++i) {
    if (scorer.rewards()[i]->is_length_term()) continue;
    if (completion.scores.at(i).value.value_or(1.0) != 1.0) return false;
  }
  return true;
}

void add_reward_numbers(json& line, const std::vector<PromptResult>& results,
                        const Scorer& scorer) {
  for (size_t i = 0; i < scorer.rewards().size(); ++i) {
    const std::string prefix = "rewards/" + scorer.rewards()[i]->name();
    std::vector<double> values;
    size_t total = 0;
    for (const auto& result : results) {
      const auto more = reward_values(*result.group, i);
      values.insert(values.end(), more.begin(), more.end());
      total += result.group->completions.size();
    }
    const auto there = static_cast<double>(values.size());
    line[prefix + "/none_frac"] = 1.0 - there / static_cast<double>(total);
    if (values.empty()) continue;
    // Every prompt counts the same, as in accuracy and in intervals over prompts.
    line[prefix + "/mean"] = mean(values_of(results, prefix + "/mean"));
    line[prefix + "/full_frac"] =
        static_cast<double>(std::count(values.begin(), values.end(), 1.0)) / there;
  }
  if (knows_clean(scorer)) line["clean_frac"] = mean(values_of(results, "clean_frac"));
}

json tables_by_column(const std::vector<PromptResult>& results,
                      const std::vector<std::string>& group_by, const Scorer& scorer) {
  json tables = json::object();
  for (const std::string& column : group_by) {
    std::map<std::string, std::vector<PromptResult>> groups;
    for (const auto& result : results) {
      const auto& problem = result.group->problem;
      const auto name = tasks::class_of(*problem.columns, problem.difficulty, column);
      if (name) groups[*name].push_back(result);
    }
    for (const auto& [name, members] : groups) {
      json numbers = {{"num_prompts", members.size()},
                      {"accuracy", mean(values_of(members, "accuracy"))},
                      {"mean_length", mean(lengths_of(members))}};
      add_reward_numbers(numbers, members, scorer);
      tables[column][name] = std::move(numbers);
    }
  }
  return tables;
}

void check_group_by(const std::vector<tasks::Problem>& problems,
                    const std::vector<std::string>& group_by, const std::string& place) {
  for (const std::string& column : group_by) {
    const bool found = std::ranges::any_of(problems, [&](const tasks::Problem& problem) {
      return tasks::class_of(*problem.columns, problem.difficulty, column).has_value();
    });
    check(found, ErrorCode::invalid_argument,
          "expected a column of the problems, got \"{}\", which none of the first {} has, in {}",
          column, problems.size(), place);
  }
}

}  // namespace reckon::rl
