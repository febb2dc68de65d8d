#include "rl/evaluate.h"

#include <nlohmann/json.hpp>
#include <numeric>

#include "core/progress.h"

namespace reckon::rl {
namespace {

using nlohmann::json;

constexpr int kBootstrapRounds = 1000;

double mean(const std::vector<double>& values) {
  if (values.empty()) return 0.0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Per prompt: share of right answers and mean length.
struct PromptResult {
  const ScoredGroup* group;
  int64_t correct = 0;
  double accuracy = 0.0;
};

std::vector<PromptResult> by_prompt(const std::vector<ScoredGroup>& groups, const Scorer& scorer) {
  std::vector<PromptResult> results;
  for (const ScoredGroup& group : groups) {
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

// 95 % percentile bootstrap of the mean over prompts.
json interval(const std::vector<double>& values, uint64_t seed) {
  const RandomStream stream({seed, 0, Purpose::bootstrap, 0});
  std::vector<double> means;
  for (int round = 0; round < kBootstrapRounds; ++round) {
    RandomSequence draws(stream, 0, static_cast<uint32_t>(round));
    double sum = 0.0;
    for (size_t i = 0; i < values.size(); ++i) {
      sum += values[draws.next_below(static_cast<uint32_t>(values.size()))];
    }
    means.push_back(sum / static_cast<double>(values.size()));
  }
  std::sort(means.begin(), means.end());
  return {quantile(means, 0.025), quantile(means, 0.975)};
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
      if (!report) return {};
      const auto mode = static_cast<size_t>(report->mode);
      count[mode] += 1.0;
      correct[mode] += scorer.is_correct(sample);
      false_yes += report->false_yes;
      total += 1.0;
    }
  }
  json table = {{"false_yes_frac", false_yes / total}};
  for (size_t mode = 0; mode < count.size(); ++mode) {
    const std::string name = kModes[mode];
    table[name + "_frac"] = count[mode] / total;
    if (count[mode] > 0) table[name + "_accuracy"] = correct[mode] / count[mode];
  }
  return table;
}

json pass_table(const std::vector<PromptResult>& results, int64_t num_samples) {
  json table = json::object();
  for (int64_t k = 1; k <= num_samples; k *= 2) {
    std::vector<double> values;
    for (const auto& result : results) values.push_back(pass_at_k(num_samples, result.correct, k));
    table[std::to_string(k)] = mean(values);
  }
  return table;
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

}  // namespace

json evaluate(rollout::RolloutEngine& engine, const policy::Tokenizer& tokenizer,
              const tasks::ProblemSource& task, const Scorer& scorer, const EvalSettings& settings,
              const EvalAddress& address) {
  const double start = steady_seconds();
  const auto problems = task.held_out(static_cast<uint64_t>(settings.num_prompts));
  // The step stays out of the address: every evaluation of a stage draws the same numbers.
  const StreamAddress draws{address.seed, address.stage_index, Purpose::eval, 0};
  const auto& sampling = settings.sampling;
  const auto groups =
      sample_groups(engine, tokenizer, scorer, problems, settings.num_samples, sampling, draws);
  const auto results = by_prompt(groups, scorer);
  json line = {{"stage", address.stage},
               {"policy", address.policy},
               {"step", address.step},
               {"data", "held_out"},
               {"num_prompts", settings.num_prompts},
               {"sampling",
                {{"temperature", sampling.temperature},
                 {"top_p", sampling.top_p},
                 {"top_k", sampling.top_k},
                 {"min_p", sampling.min_p},
                 {"num_samples", settings.num_samples},
                 {"max_completion_length", sampling.max_new_tokens}}},
               {"accuracy", mean(accuracies(results))},
               {"accuracy_interval", interval(accuracies(results), address.seed)},
               {"clipped_ratio", clipped_ratio(results)}};
  add_lengths(line, results);
  add_words(line, results, settings.reflection_words);
  if (settings.num_samples > 1) line["pass_at_k"] = pass_table(results, settings.num_samples);
  if (auto table = difficulty_table(results); !table.empty()) line["by_difficulty"] = table;
  if (auto table = trace_table(results, task, scorer); !table.is_null()) line["trace"] = table;
  if (settings.list_prompts) {
    for (const auto& result : results) {
      line["prompts"].push_back({{"index", result.group->problem.index},
                                 {"n", settings.num_samples},
                                 {"c", result.correct}});
    }
  }
  if (settings.greedy) {
    auto params = sampling;
    params.temperature = 0.0;
    const auto greedy = sample_groups(engine, tokenizer, scorer, problems, 1, params, draws);
    const auto best = by_prompt(greedy, scorer);
    line["accuracy_greedy"] = mean(accuracies(best));
    line["accuracy_greedy_interval"] = interval(accuracies(best), address.seed);
    line["mean_length_greedy"] = mean(lengths(best));
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

double quantile(const std::vector<double>& sorted, double q) {
  if (sorted.empty()) return 0.0;
  const double rank = q * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<size_t>(rank);
  const size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (rank - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

double pass_at_k(int64_t n, int64_t c, int64_t k) {
  if (n - c < k) return 1.0;
  double none = 1.0;  // C(n-c, k) / C(n, k) as a product of ratios
  for (int64_t i = 0; i < k; ++i) {
    none *= static_cast<double>(n - c - i) / static_cast<double>(n - i);
  }
  return 1.0 - none;
}

}  // namespace reckon::rl
