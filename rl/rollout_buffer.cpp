#include "rl/rollout_buffer.h"

#include <nlohmann/json.hpp>

namespace reckon::rl {
namespace {

using nlohmann::json;

json write_sample(const ScoredCompletion& sample) {
  json scores = json::array();
  for (const auto& score : sample.scores) {
    scores.push_back({{"value", score.value ? json(*score.value) : json()},
                      {"extracted", score.extracted},
                      {"gold", score.gold},
                      {"reason", score.reason}});
  }
  json out = {{"ids", sample.completion.ids},
              {"logprobs", sample.completion.logprobs},
              {"finish_reason", rollout::to_string(sample.completion.finish_reason)},
              {"reward", sample.reward ? json(*sample.reward) : json()},
              {"scores", scores}};
  if (!sample.old_logprobs.empty()) out["old_logprobs"] = sample.old_logprobs;
  if (!sample.ref_logprobs.empty()) out["ref_logprobs"] = sample.ref_logprobs;
  return out;
}

std::optional<double> read_number(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

ScoredCompletion read_sample(const json& line, const policy::Tokenizer& tokenizer) {
  ScoredCompletion sample;
  sample.completion.ids = line.at("ids").get<std::vector<int32_t>>();
  sample.completion.logprobs = line.at("logprobs").get<std::vector<float>>();
  sample.completion.finish_reason = line.at("finish_reason") == "stop"
                                        ? rollout::FinishReason::stop
                                        : rollout::FinishReason::length;
  sample.text = tokenizer.decode(sample.completion.ids);
  sample.reward = read_number(line.at("reward"));
  const auto optional_list = [&](const char* key) {
    return line.contains(key) ? line.at(key).get<std::vector<float>>() : std::vector<float>();
  };
  sample.old_logprobs = optional_list("old_logprobs");
  sample.ref_logprobs = optional_list("ref_logprobs");
  for (const json& score : line.at("scores")) {
    sample.scores.push_back(
        {read_number(score.at("value")), score.at("extracted").get<std::string>(),
         score.at("gold").get<std::string>(), score.at("reason").get<std::string>()});
  }
  return sample;
}

}  // namespace

std::vector<json> write_rollout(const RolloutBuffer& rollout) {
  const SamplingGap& g = rollout.gap;
  std::vector<json> lines;
  lines.push_back({{"first_step", rollout.first_step},
                   {"gap",
                    {g.difference_mean, g.difference_max, g.ratio_min, g.ratio_mean, g.ratio_max,
                     g.mismatch_k3, g.outside_frac, g.ess_token, g.ess_sequence}},
                   {"dynamic_rounds", rollout.dynamic_rounds},
                   {"dynamic_kept", rollout.dynamic_kept}});
  for (const ScoredGroup& group : rollout.groups) {
    json samples = json::array();
    for (const auto& sample : group.completions) samples.push_back(write_sample(sample));
    lines.push_back({{"problem", group.problem.index}, {"completions", samples}});
  }
  return lines;
}

RolloutBuffer read_rollout(const std::vector<json>& lines, const tasks::ProblemSource& task,
                           const policy::Tokenizer& tokenizer) {
  RolloutBuffer rollout;
  const json& head = lines.at(0);
  rollout.first_step = head.at("first_step").get<int64_t>();
  const auto gap = [&](size_t i) { return head.at("gap").at(i).get<double>(); };
  rollout.gap = {gap(0), gap(1), gap(2), gap(3), gap(4), gap(5), gap(6), gap(7), gap(8)};
  rollout.dynamic_rounds = head.at("dynamic_rounds").get<int64_t>();
  rollout.dynamic_kept = head.at("dynamic_kept").get<double>();
  for (size_t i = 1; i < lines.size(); ++i) {
    ScoredGroup group;
    group.problem = task.at(lines[i].at("problem").get<uint64_t>());
    group.prompt_ids = tokenizer.encode(group.problem.prompt);
    for (const json& sample : lines[i].at("completions")) {
      group.completions.push_back(read_sample(sample, tokenizer));
    }
    rollout.groups.push_back(std::move(group));
  }
  return rollout;
}

}  // namespace reckon::rl
