#include "rl/sampling_round.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "rl/scoring_queue.h"

namespace reckon::rl {

Scorer::Scorer(const std::vector<nlohmann::json>& configs, const std::string& pointer,
               const std::string& file, const rewards::RewardServices& services) {
  bool found = false;
  for (size_t i = 0; i < configs.size(); ++i) {
    rewards_.push_back(rewards::make_reward(configs[i], json_pointer(pointer, i), file, services));
    if (!found && !rewards_.back()->is_length_term()) {
      accuracy_ = i;
      found = true;
    }
    for (size_t j = 0; j < i; ++j) {
      check(rewards_[j]->name() != rewards_[i]->name(), ErrorCode::invalid_argument,
            "expected rewards of different names, got {} twice, in {} {}", rewards_[i]->name(),
            file, pointer);
    }
  }
  check(found, ErrorCode::invalid_argument,
        "expected at least one reward that is no length term, got none, in {} {}", file, pointer);
}

void Scorer::score(ScoredGroup& group, const rewards::SampleAddress& base,
                   int64_t max_tokens) const {
  const size_t accuracy = accuracy_index(group.problem);
  std::vector<rewards::RewardInput> inputs;
  inputs.reserve(group.completions.size());
  for (size_t s = 0; s < group.completions.size(); ++s) {
    ScoredCompletion& sample = group.completions[s];
    sample.scores.clear();
    sample.reward.reset();
    sample.accuracy_index = accuracy;
    rewards::SampleAddress address = base;
    address.prompt = group.problem.index;
    address.sample = static_cast<uint32_t>(s);
    inputs.push_back(
        {.prompt = group.problem.prompt,
         .completion = sample.text,
         .truncated = sample.completion.finish_reason == rollout::FinishReason::length,
         .columns = *group.problem.columns,
         .address = address,
         .num_tokens = sample.length(),
         .max_tokens = max_tokens,
         .completion_ids = sample.completion.ids});
  }
  for (const auto& reward : rewards_) {
    auto results = reward->score_applicable(inputs);
    for (size_t s = 0; s < results.size(); ++s) {
      ScoredCompletion& sample = group.completions[s];
      auto& value = results[s].value;
      if (value && !std::isfinite(*value)) value.reset();
      if (value) sample.reward = sample.reward.value_or(0.0) + reward->weight() * *value;
      sample.scores.push_back(std::move(results[s]));
    }
  }
}

bool Scorer::waits() const {
  return std::ranges::any_of(rewards_, [](const auto& reward) { return reward->waits(); });
}

size_t Scorer::accuracy_index(const tasks::Problem& problem) const {
  const auto found = std::ranges::find_if(rewards_, [&](const auto& reward) {
    return !reward->is_length_term() &&
           (problem.columns == nullptr || reward->applies(*problem.columns));
  });
  return found == rewards_.end() ? accuracy_ : static_cast<size_t>(found - rewards_.begin());
}

const rewards::RewardResult& Scorer::accuracy_score(const ScoredCompletion& completion) const {
  return completion.scores.at(completion.accuracy_index.value_or(accuracy_));
}

bool Scorer::is_correct(const ScoredCompletion& completion) const {
  return accuracy_score(completion).value == 1.0;
}

bool is_complete(std::span<const ScoredGroup> groups, int64_t num_samples) {
  return std::ranges::all_of(groups, [&](const ScoredGroup& group) {
    return std::ssize(group.completions) == num_samples;
  });
}

void count_sampling(StageCost& cost, int64_t num_parameters, std::span<const ScoredGroup> groups) {
  for (const ScoredGroup& group : groups) {
    cost.add_prompt(num_parameters, std::ssize(group.prompt_ids));
    for (const auto& sample : group.completions) {
      cost.add_sampled(num_parameters, sample.length());
    }
  }
}

std::vector<ScoredGroup> sample_groups(rollout::RolloutEngine& engine,
                                       const policy::Tokenizer& tokenizer, const Scorer& scorer,
                                       std::vector<tasks::Problem> problems, int64_t num_samples,
                                       const rollout::SamplingParams& params,
                                       const StreamAddress& address,
                                       const std::function<void(const ScoredGroup&)>& on_scored) {
  std::vector<ScoredGroup> groups(problems.size());
  std::vector<rollout::Prompt> prompts(problems.size());
  for (size_t p = 0; p < problems.size(); ++p) {
    groups[p].prompt_ids = tokenizer.encode(problems[p].prompt);
    prompts[p] = {problems[p].index, groups[p].prompt_ids};
    groups[p].problem = std::move(problems[p]);
  }
  const rewards::SampleAddress base{address.seed, address.stage, address.step, 0, 0};
  const auto score = [&](ScoredGroup& group) {
    scorer.score(group, base, params.max_new_tokens);
    if (on_scored) on_scored(group);
  };
  // Threads that mostly wait: enough that programs of several groups are on their way.
  constexpr int kScoringThreads = 4;
  std::optional<ScoringQueue> queue;
  if (scorer.waits()) queue.emplace(score, kScoringThreads);
  engine.generate(prompts, num_samples, params, RandomStream(address),
                  [&](size_t p, const rollout::Group& completions) {
                    for (const auto& completion : completions) {
                      ScoredCompletion sample;
                      sample.completion = completion;
                      sample.text = tokenizer.decode(completion.ids);
                      groups[p].completions.push_back(std::move(sample));
                    }
                    queue ? queue->push(groups[p]) : score(groups[p]);
                  });
  if (queue) queue->finish();
  return groups;
}

}  // namespace reckon::rl
