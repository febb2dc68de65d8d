#include "cli/eval_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/json.h"

namespace reckon::cli {
namespace {

using nlohmann::json;

// "0.412  (0.390 to 0.434)"
std::string figure(const json& value, const json& interval) {
  return fmt::format("{:.3f}  ({:.3f} to {:.3f})", value.get<double>(),
                     interval.at(0).get<double>(), interval.at(1).get<double>());
}

// The keys of a table from k to a number, as numbers in ascending order.
std::vector<int64_t> ks_of(const json& table) {
  std::vector<int64_t> ks;
  for (const auto& [k, value] : table.items()) ks.push_back(std::stoll(k));
  std::sort(ks.begin(), ks.end());
  return ks;
}

std::string row(const std::string& name, const std::string& value) {
  return fmt::format("{:<14}{}\n", name, value);
}

// What each of several rewards says; one alone says what pass@1 does.
std::string reward_rows(const json& line) {
  constexpr std::string_view kPrefix = "rewards/", kSuffix = "/mean";
  std::string text;
  size_t count = 0;
  for (const auto& [key, value] : line.items()) {
    if (!key.starts_with(kPrefix) || !key.ends_with(kSuffix)) continue;
    const std::string name =
        key.substr(kPrefix.size(), key.size() - kPrefix.size() - kSuffix.size());
    text += row(name, figure(value, line.at(key + "_interval")));
    ++count;
  }
  if (count < 2) return "";
  if (!line.contains("clean_frac")) return text;
  return text + row("clean", figure(line.at("clean_frac"), line.at("clean_frac_interval")));
}

}  // namespace

std::string eval_table(const json& line) {
  const json& sampling = line.at("sampling");
  std::string text = row(
      "prompts",
      fmt::format("{}, {} completions each, temperature {}, top-p {}, at most {} tokens",
                  line.at("num_prompts").get<int64_t>(), sampling.at("num_samples").get<int64_t>(),
                  sampling.at("temperature").get<double>(), sampling.at("top_p").get<double>(),
                  sampling.at("max_completion_length").get<int64_t>()));
  if (line.contains("num_without_gold")) {
    text += row("left out", fmt::format("{} prompts whose gold answer cannot be read",
                                        line.at("num_without_gold").get<int64_t>()));
  }
  text += row("pass@1", figure(line.at("accuracy"), line.at("accuracy_interval")));
  for (const std::string name : {"pass", "cons"}) {
    const std::string key = name + "_at_k";
    if (!line.contains(key)) continue;
    for (const int64_t k : ks_of(line.at(key))) {
      if (k == 1) continue;
      const std::string place = std::to_string(k);
      text += row(name + "@" + place,
                  figure(line.at(key).at(place), line.at(key + "_interval").at(place)));
    }
  }
  if (line.contains("accuracy_greedy")) {
    text += row("greedy", figure(line.at("accuracy_greedy"), line.at("accuracy_greedy_interval")));
  }
  text += reward_rows(line);
  return text + row("mean length", fmt::format("{:.1f} tokens, {:.1f} % cut off",
                                               line.at("mean_length").get<double>(),
                                               100 * line.at("clipped_ratio").get<double>()));
}

void EvalAnswers::add(const rl::ScoredGroup& group, bool greedy) {
  json samples = json::array();
  int64_t correct = 0;
  for (const auto& sample : group.completions) {
    const bool is_correct = scorer_.is_correct(sample);
    correct += is_correct;
    samples.push_back({{"answer", scorer_.accuracy_score(sample).extracted},
                       {"correct", is_correct},
                       {"num_tokens", sample.length()},
                       {"finish_reason", rollout::to_string(sample.completion.finish_reason)},
                       {"completion", sample.text}});
  }
  const uint32_t index = group.problem.index;
  ++size_;
  if (greedy) {
    greedy_[index] = JsonValue(samples.at(0));
    return;
  }
  sampled_[index] =
      JsonValue({{"index", index},
                 {"prompt", group.problem.prompt},
                 {"gold", scorer_.accuracy_score(group.completions.at(0)).gold},
                 {"n", samples.size()},
                 {"c", correct},
                 {"samples", std::move(samples)}});
}

void EvalAnswers::write(const std::filesystem::path& path) const {
  std::string text;
  for (const auto& [index, answers] : sampled_) {
    json line = *answers;
    if (const auto greedy = greedy_.find(index); greedy != greedy_.end()) {
      line["greedy"] = *greedy->second;
    }
    text += json_text(line) + "\n";
  }
  write_file_atomic(path, text);
}

}  // namespace reckon::cli
