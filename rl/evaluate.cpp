#include "rl/evaluate.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/bootstrap.h"
#include "core/error.h"
#include "core/progress.h"
#include "rl/pass_at_k.h"
#include "rl/prompt_results.h"

namespace reckon::rl {
namespace {

using nlohmann::json;

json difficulty_table(const std::vector<PromptResult>& results) {
  std::map<std::string, std::vector<PromptResult>> classes;
  for (const auto& result : results) {
    if (!result.group->problem.difficulty.empty()) {
      classes[result.group->problem.difficulty].push_back(result);
    }
  }
  json table = json::object();
  for (const auto& [name, members] : classes) {
    table[name] = {{"num_prompts", members.size()},
                   {"accuracy", mean(values_of(members, "accuracy"))},
                   {"mean_length", mean(lengths_of(members))}};
  }
  return table;
}

// Shares of the kinds of traces and how often each is right; empty where the task knows none.
json trace_table(const std::vector<PromptResult>& results, const tasks::ProblemSource& task,
                 const Scorer& scorer) {
  constexpr const char* kModes[] = {"direct", "give_up", "found"};
  std::array<double, 3> count{}, correct{};
  double false_yes = 0.0, total = 0.0;
  for (const auto& result : results) {
    for (const auto& sample : result.group->completions) {
      const auto report = task.trace(result.group->problem, sample.text);
      if (!report) continue;  // of a mixture only some parts may know traces
      const auto mode = static_cast<size_t>(report->mode);
      count[mode] += 1.0;
      correct[mode] += scorer.is_correct(sample);
      false_yes += report->false_yes;
      total += 1.0;
    }
  }
  if (total == 0.0) return {};
  json table = {{"false_yes_frac", false_yes / total}};
  for (size_t mode = 0; mode < count.size(); ++mode) {
    const std::string name = kModes[mode];
    table[name + "_frac"] = count[mode] / total;
    if (count[mode] > 0) table[name + "_accuracy"] = correct[mode] / count[mode];
  }
  return table;
}

std::vector<Vote> votes_of(const ScoredGroup& group, const Scorer& scorer) {
  std::vector<Vote> votes;
  for (const auto& sample : group.completions) {
    votes.push_back({scorer.accuracy_score(sample).extracted, scorer.is_correct(sample)});
  }
  return votes;
}

// Writes the mean over prompts of the numbers under `key`, and its interval.
void add_with_interval(json& line, const std::vector<PromptResult>& results, const std::string& key,
                       uint64_t seed) {
  const auto values = values_of(results, key);
  if (values.empty()) return;
  line[key] = mean(values);
  line[key + "_interval"] = bootstrap_interval(values, seed);
}

// pass@k and, for k > 1, cons@k, each with its interval over prompts.
void add_pass_and_cons(json& line, std::vector<PromptResult>& results, const Scorer& scorer,
                       const EvalSettings& settings, uint64_t seed) {
  const auto add = [&](const std::string& name, const std::string& k) {
    const auto values = values_of(results, name + "/" + k);
    line[name][k] = mean(values);
    line[name + "_interval"][k] = bootstrap_interval(values, seed);
  };
  const auto ks = settings.k.empty() ? powers_of_two(settings.num_samples) : settings.k;
  for (const int64_t k : ks) {
    const std::string name = std::to_string(k);
    for (auto& result : results) {
      result.values["pass_at_k/" + name] = pass_at_k(settings.num_samples, result.correct, k);
      if (k == 1) continue;
      result.values["cons_at_k/" + name] =
          cons_at_k(votes_of(*result.group, scorer), k, result.group->problem.index);
    }
    add("pass_at_k", name);
    if (k > 1) add("cons_at_k", name);
  }
}

void add_lengths(json& line, const std::vector<PromptResult>& results, uint64_t seed) {
  auto values = lengths_of(results);
  line["mean_length"] = mean(values);
  line["mean_length_interval"] = bootstrap_interval(values_of(results, "mean_length"), seed);
  std::sort(values.begin(), values.end());
  line["length_p10"] = quantile(values, 0.1);
  line["length_p50"] = quantile(values, 0.5);
  line["length_p90"] = quantile(values, 0.9);
}

void add_rewards(json& line, const std::vector<PromptResult>& results, const Scorer& scorer,
                 uint64_t seed) {
  add_reward_numbers(line, results, scorer);
  std::vector<std::string> keys = {"clean_frac"};
  for (const auto& reward : scorer.rewards()) keys.push_back("rewards/" + reward->name() + "/mean");
  for (const std::string& key : keys) {
    const auto values = values_of(results, key);
    if (!values.empty()) line[key + "_interval"] = bootstrap_interval(values, seed);
  }
}

void add_words(json& line, const std::vector<PromptResult>& results,
               const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    std::vector<double> counts;
    for (const auto& result : results) {
      for (const auto& sample : result.group->completions) {
        counts.push_back(static_cast<double>(count_word(sample.text, word)));
      }
    }
    line["reflection/" + word] = mean(counts);
  }
}

double clipped_ratio(const std::vector<PromptResult>& results) {
  double cut = 0.0, total = 0.0;
  for (const auto& result : results) {
    for (const auto& sample : result.group->completions) {
      cut += sample.completion.finish_reason == rollout::FinishReason::length;
      total += 1.0;
    }
  }
  return cut / total;
}

json describe_sampling(const EvalSettings& settings) {
  const auto& sampling = settings.sampling;
  return {{"temperature", sampling.temperature},
          {"top_p", sampling.top_p},
          {"top_k", sampling.top_k},
          {"min_p", sampling.min_p},
          {"num_samples", settings.num_samples},
          {"max_completion_length", sampling.max_new_tokens}};
}

void check_settings(const EvalSettings& settings) {
  const auto at_least_one = [](int64_t value, const char* name) {
    check(value >= 1, ErrorCode::invalid_argument, "expected at least 1, got {}, in {}", value,
          name);
  };
  at_least_one(settings.num_prompts, "the number of prompts");
  at_least_one(settings.greedy_prompts.value_or(1), "greedy_prompts");
  at_least_one(settings.num_samples, "num_samples");
  at_least_one(settings.sampling.max_new_tokens, "max_completion_length");
  const double temperature = settings.sampling.temperature;
  check(std::isfinite(temperature) && temperature >= 0.0, ErrorCode::invalid_argument,
        "expected a number of at least 0, got {}, in temperature", temperature);
  check_k(settings.k, settings.num_samples, "k");
}

// One evaluation: what is the same for the sampled and the greedy part.
struct Evaluation {
  rollout::RolloutEngine& engine;
  const policy::Tokenizer& tokenizer;
  const tasks::ProblemSource& task;
  const Scorer& scorer;
  const EvalSettings& settings;
  const EvalAddress& address;

  std::vector<ScoredGroup> sample(const std::vector<tasks::Problem>& problems, bool greedy) const {
    auto params = settings.sampling;
    if (greedy) params.temperature = 0.0;
    // The step stays out of the address: every evaluation of a stage draws the same numbers.
    const StreamAddress draws{address.seed, address.stage_index, Purpose::eval, 0};
    auto groups = sample_groups(engine, tokenizer, scorer, problems,
                                greedy ? 1 : settings.num_samples, params, draws,
                                [&](const ScoredGroup& group) {
                                  if (settings.on_prompt) settings.on_prompt(group, greedy);
                                });
    if (settings.cost != nullptr) count_sampling(*settings.cost, settings.num_parameters, groups);
    return groups;
  }

  json measure(std::vector<PromptResult>& results) const {
    json line = {{"stage", address.stage},
                 {"policy", address.policy},
                 {"step", address.step},
                 {"data", "held_out"},
                 {"num_prompts", results.size()},
                 {"sampling", describe_sampling(settings)},
                 {"clipped_ratio", clipped_ratio(results)}};
    add_with_interval(line, results, "accuracy", address.seed);
    add_lengths(line, results, address.seed);
    add_words(line, results, settings.reflection_words);
    add_rewards(line, results, scorer, address.seed);
    if (settings.num_samples > 1) {
      add_pass_and_cons(line, results, scorer, settings, address.seed);
    }
    if (auto table = difficulty_table(results); !table.empty()) line["by_difficulty"] = table;
    if (!settings.group_by.empty()) {
      line["by"] = tables_by_column(results, settings.group_by, scorer);
    }
    if (auto table = trace_table(results, task, scorer); !table.is_null()) line["trace"] = table;
    return line;
  }

  void add_greedy(json& line, std::vector<PromptResult>& results) const {
    for (auto& result : results) result.values["accuracy_greedy"] = result.values.at("accuracy");
    add_with_interval(line, results, "accuracy_greedy", address.seed);
    line["mean_length_greedy"] = mean(lengths_of(results));
    if (line.at("num_prompts") != results.size()) line["num_prompts_greedy"] = results.size();
  }

  // Results that can be judged, at least one.
  std::vector<PromptResult> judged(const std::vector<ScoredGroup>& groups) const {
    auto results = prompt_results(groups, scorer);
    check(!results.empty(), ErrorCode::invalid_argument,
          "expected problems with a gold answer that the reward {} can read, got none in {}",
          scorer.rewards().at(scorer.accuracy_index(groups.at(0).problem))->name(), task.summary());
    return results;
  }
};

// What each prompt adds to the numbers of the line; of pass@k and cons@k only to the largest k.
json prompt_list(const std::vector<PromptResult>& sampled, const std::vector<PromptResult>& greedy,
                 const EvalSettings& settings) {
  const auto ks = settings.k.empty() ? powers_of_two(settings.num_samples) : settings.k;
  const auto largest = fmt::format("/{}", *std::max_element(ks.begin(), ks.end()));
  std::map<uint32_t, json> prompts;
  for (const auto& result : sampled) {
    json values = json::object();
    for (const auto& [key, value] : result.values) {
      const bool of_k = key.starts_with("pass_at_k/") || key.starts_with("cons_at_k/");
      if (key != "accuracy" && (!of_k || key.ends_with(largest))) values[key] = value;
    }
    const uint32_t index = result.group->problem.index;
    prompts[index] = {{"index", index},
                      {"n", settings.num_samples},
                      {"c", result.correct},
                      {"values", std::move(values)}};
  }
  for (const auto& result : greedy) {
    const uint32_t index = result.group->problem.index;
    prompts[index]["index"] = index;
    prompts[index]["values"]["accuracy_greedy"] = result.values.at("accuracy");
  }
  json list = json::array();
  for (auto& [index, prompt] : prompts) list.push_back(std::move(prompt));
  return list;
}

}  // namespace

json evaluate(rollout::RolloutEngine& engine, const policy::Tokenizer& tokenizer,
              const tasks::ProblemSource& task, const Scorer& scorer, const EvalSettings& settings,
              const EvalAddress& address) {
  check_settings(settings);
  const double start = steady_seconds();
  const Evaluation evaluation{engine, tokenizer, task, scorer, settings, address};
  const auto problems = task.held_out(static_cast<uint64_t>(settings.num_prompts));
  check_group_by(problems, settings.group_by, "group_by");
  const auto groups = evaluation.sample(problems, false);
  if (!is_complete(groups, settings.num_samples)) return nullptr;
  auto results = evaluation.judged(groups);
  json line = evaluation.measure(results);
  if (results.size() < groups.size()) line["num_without_gold"] = groups.size() - results.size();
  std::vector<ScoredGroup> greedy;
  std::vector<PromptResult> greedy_results;
  if (settings.greedy) {
    const int64_t count = settings.greedy_prompts.value_or(settings.num_prompts);
    greedy = evaluation.sample(task.held_out(static_cast<uint64_t>(count)), true);
    if (!is_complete(greedy, 1)) return nullptr;
    greedy_results = evaluation.judged(greedy);
    evaluation.add_greedy(line, greedy_results);
  }
  if (settings.list_prompts) line["prompts"] = prompt_list(results, greedy_results, settings);
  line["time/eval"] = steady_seconds() - start;
  return line;
}

int64_t count_word(std::string_view text, std::string_view word) {
  int64_t count = 0;
  const auto blank = [&](size_t i) {
    return i >= text.size() || text[i] == ' ' || text[i] == '\n';
  };
  for (size_t at = text.find(word); at != std::string_view::npos && !word.empty();
       at = text.find(word, at + word.size())) {
    if ((at == 0 || blank(at - 1)) && blank(at + word.size())) ++count;
  }
  return count;
}

}  // namespace reckon::rl
