#include "rl/evaluate.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/progress.h"
#include "rl/bootstrap.h"
#include "rl/pass_at_k.h"

namespace reckon::rl {
namespace {

using nlohmann::json;

// Per prompt: how many answers are right.
struct PromptResult {
  const ScoredGroup* group;
  int64_t correct = 0;
  double accuracy = 0.0;
};

// Whether the reward that counts could judge any answer: the gold may be unreadable.
bool has_gold(const ScoredGroup& group, const Scorer& scorer) {
  return std::any_of(group.completions.begin(), group.completions.end(), [&](const auto& sample) {
    return scorer.accuracy_score(sample).value.has_value();
  });
}

// Results of the prompts that could be judged.
std::vector<PromptResult> by_prompt(const std::vector<ScoredGroup>& groups, const Scorer& scorer) {
  std::vector<PromptResult> results;
  for (const ScoredGroup& group : groups) {
    if (!has_gold(group, scorer)) continue;
    PromptResult result{&group};
    for (const auto& sample : group.completions) result.correct += scorer.is_correct(sample);
    result.accuracy =
        static_cast<double>(result.correct) / static_cast<double>(group.completions.size());
    results.push_back(result);
  }
  return results;
}

std::vector<double> accuracies(const std::vector<PromptResult>& results) {
  std::vector<double> values;
  for (const auto& result : results) values.push_back(result.accuracy);
  return values;
}

std::vector<double> lengths(const std::vector<PromptResult>& results) {
  std::vector<double> values;
  for (const auto& result : results) {
    for (const auto& sample : result.group->completions) {
      values.push_back(static_cast<double>(sample.length()));
    }
  }
  return values;
}

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
                   {"accuracy", mean(accuracies(members))},
                   {"mean_length", mean(lengths(members))}};
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

// pass@k and, for k > 1, cons@k, each with its interval over prompts.
void add_pass_and_cons(json& line, const std::vector<PromptResult>& results, const Scorer& scorer,
                       const EvalSettings& settings, uint64_t seed) {
  const auto add = [&](const std::string& name, int64_t k, const std::vector<double>& values) {
    line[name][std::to_string(k)] = mean(values);
    line[name + "_interval"][std::to_string(k)] = bootstrap_interval(values, seed);
  };
  const auto ks = settings.k.empty() ? powers_of_two(settings.num_samples) : settings.k;
  for (const int64_t k : ks) {
    std::vector<double> pass, cons;
    for (const auto& result : results) {
      pass.push_back(pass_at_k(settings.num_samples, result.correct, k));
      cons.push_back(cons_at_k(votes_of(*result.group, scorer), k, result.group->problem.index));
    }
    add("pass_at_k", k, pass);
    if (k > 1) add("cons_at_k", k, cons);
  }
}

void add_lengths(json& line, const std::vector<PromptResult>& results) {
  auto values = lengths(results);
  line["mean_length"] = mean(values);
  std::sort(values.begin(), values.end());
  line["length_p10"] = quantile(values, 0.1);
  line["length_p50"] = quantile(values, 0.5);
  line["length_p90"] = quantile(values, 0.9);
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
  at_least_one(settings.num_samples, "num_samples");
  at_least_one(settings.sampling.max_new_tokens, "max_completion_length");
  const double temperature = settings.sampling.temperature;
  check(std::isfinite(temperature) && temperature >= 0.0, ErrorCode::invalid_argument,
        "expected a number of at least 0, got {}, in temperature", temperature);
  check_k(settings.k, settings.num_samples, "k");
}

// Whether every prompt has all its completions: an engine that was stopped leaves some out.
bool is_complete(const std::vector<ScoredGroup>& groups, int64_t num_samples) {
  return std::all_of(groups.begin(), groups.end(), [&](const ScoredGroup& group) {
    return group.completions.size() == static_cast<size_t>(num_samples);
  });
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
    return sample_groups(engine, tokenizer, scorer, problems, greedy ? 1 : settings.num_samples,
                         params, draws, [&](const ScoredGroup& group) {
                           if (settings.on_prompt) settings.on_prompt(group, greedy);
                         });
  }

  json measure(const std::vector<ScoredGroup>& groups) const {
    const auto results = by_prompt(groups, scorer);
    check(!results.empty(), ErrorCode::invalid_argument,
          "expected problems with a gold answer that the reward {} can read, got none in {}",
          scorer.rewards().at(scorer.accuracy_index(groups.at(0).problem))->name(), task.summary());
    json line = {{"stage", address.stage},
                 {"policy", address.policy},
                 {"step", address.step},
                 {"data", "held_out"},
                 {"num_prompts", results.size()},
                 {"sampling", describe_sampling(settings)},
                 {"accuracy", mean(accuracies(results))},
                 {"accuracy_interval", bootstrap_interval(accuracies(results), address.seed)},
                 {"clipped_ratio", clipped_ratio(results)}};
    if (results.size() < groups.size()) line["num_without_gold"] = groups.size() - results.size();
    add_lengths(line, results);
    add_words(line, results, settings.reflection_words);
    if (settings.num_samples > 1) {
      add_pass_and_cons(line, results, scorer, settings, address.seed);
    }
    if (auto table = difficulty_table(results); !table.empty()) line["by_difficulty"] = table;
    if (auto table = trace_table(results, task, scorer); !table.is_null()) line["trace"] = table;
    if (settings.list_prompts) {
      for (const auto& result : results) {
        line["prompts"].push_back({{"index", result.group->problem.index},
                                   {"n", settings.num_samples},
                                   {"c", result.correct}});
      }
    }
    return line;
  }

  void add_greedy(json& line, const std::vector<ScoredGroup>& groups) const {
    const auto results = by_prompt(groups, scorer);
    line["accuracy_greedy"] = mean(accuracies(results));
    line["accuracy_greedy_interval"] = bootstrap_interval(accuracies(results), address.seed);
    line["mean_length_greedy"] = mean(lengths(results));
  }
};

}  // namespace

json evaluate(rollout::RolloutEngine& engine, const policy::Tokenizer& tokenizer,
              const tasks::ProblemSource& task, const Scorer& scorer, const EvalSettings& settings,
              const EvalAddress& address) {
  check_settings(settings);
  const double start = steady_seconds();
  const Evaluation evaluation{engine, tokenizer, task, scorer, settings, address};
  const auto problems = task.held_out(static_cast<uint64_t>(settings.num_prompts));
  const auto groups = evaluation.sample(problems, false);
  if (!is_complete(groups, settings.num_samples)) return nullptr;
  json line = evaluation.measure(groups);
  if (settings.greedy) {
    const auto greedy = evaluation.sample(problems, true);
    if (!is_complete(greedy, 1)) return nullptr;
    evaluation.add_greedy(line, greedy);
  }
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
