#include "watch/answers.h"

#include <algorithm>
#include <map>
#include <utility>

namespace reckon::watch {

namespace {

// Easy, medium, hard in this order; other names after them, by alphabet.
std::pair<int, std::string> difficulty_rank(const std::string& difficulty) {
  const std::vector<std::string> known = {"easy", "medium", "hard"};
  const auto found = std::find(known.begin(), known.end(), difficulty);
  return {static_cast<int>(found - known.begin()), difficulty};
}

// One answer a group, in file order: the one with the smallest sample number.
std::vector<Answer> answers_of(const RunFolder& run, const CompletionStep& step) {
  std::vector<Answer> answers;
  std::map<int64_t, size_t> places;
  for (Completion& completion : read_completions(run.path / "completions.jsonl", step)) {
    const auto [place, is_new] = places.try_emplace(completion.prompt_index, answers.size());
    if (is_new) answers.push_back({step.stage, step.step, completion, 0, 0, 0.0});
    Answer& answer = answers[place->second];
    ++answer.group_size;
    answer.group_correct += completion.correct ? 1 : 0;
    answer.group_mean_length += static_cast<double>(completion.num_tokens);
    if (completion.sample < answer.completion.sample) answer.completion = std::move(completion);
  }
  for (Answer& answer : answers) {
    answer.group_mean_length /= static_cast<double>(answer.group_size);
  }
  return answers;
}

// The first and the last step of the stages that learn from rewards.
std::vector<CompletionStep> outer_steps(const RunFolder& run) {
  std::vector<CompletionStep> found;
  for (const CompletionStep& step : run.completion_steps) {
    const RunStage* stage = run.find_stage(step.stage);
    if (stage != nullptr && !is_reinforcement(stage->kind)) continue;
    if (found.size() == 2) found.pop_back();
    found.push_back(step);
  }
  return found;
}

void pair_same_prompts(std::vector<Answer>& before, std::vector<Answer>& after, size_t max_pairs,
                       std::vector<AnswerPair>& pairs) {
  for (auto first = before.begin(); first != before.end() && pairs.size() < max_pairs;) {
    const auto last = std::find_if(after.begin(), after.end(), [&](const Answer& answer) {
      return answer.completion.prompt_index == first->completion.prompt_index &&
             answer.completion.prompt == first->completion.prompt;
    });
    if (last == after.end()) {
      ++first;
      continue;
    }
    pairs.push_back({first->completion.difficulty, true, std::move(*first), std::move(*last)});
    first = before.erase(first);
    after.erase(last);
  }
}

using Buckets = std::map<std::pair<int, std::string>, std::vector<Answer>>;

Buckets by_difficulty(std::vector<Answer> answers) {
  Buckets buckets;
  for (Answer& answer : answers) {
    const auto rank = difficulty_rank(answer.completion.difficulty);
    buckets[rank].push_back(std::move(answer));
  }
  return buckets;
}

// One pair of each difficulty in turn, until there is none left.
void pair_difficulties(std::vector<Answer> before, std::vector<Answer> after, size_t max_pairs,
                       std::vector<AnswerPair>& pairs) {
  const Buckets firsts = by_difficulty(std::move(before));
  const Buckets lasts = by_difficulty(std::move(after));
  bool found = true;
  for (size_t turn = 0; found && pairs.size() < max_pairs; ++turn) {
    found = false;
    for (const auto& [rank, answers] : firsts) {
      const auto other = lasts.find(rank);
      if (turn >= answers.size() || other == lasts.end() || turn >= other->second.size()) continue;
      if (pairs.size() == max_pairs) return;
      pairs.push_back({rank.second, false, answers[turn], other->second[turn]});
      found = true;
    }
  }
}

void pair_places(const std::vector<Answer>& before, const std::vector<Answer>& after,
                 size_t max_pairs, std::vector<AnswerPair>& pairs) {
  for (size_t place = 0; place < before.size() && pairs.size() < max_pairs; ++place) {
    AnswerPair pair;
    pair.before = before[place];
    if (place < after.size()) pair.after = after[place];
    pairs.push_back(std::move(pair));
  }
}

}  // namespace

std::vector<AnswerPair> choose_answers(const RunFolder& run, size_t max_pairs) {
  std::vector<AnswerPair> pairs;
  const std::vector<CompletionStep> steps = outer_steps(run);
  if (steps.empty()) return pairs;
  std::vector<Answer> before = answers_of(run, steps.front());
  std::vector<Answer> after;
  if (steps.size() == 2) after = answers_of(run, steps.back());
  pair_same_prompts(before, after, max_pairs, pairs);
  pair_difficulties(before, after, max_pairs, pairs);
  if (pairs.empty()) pair_places(before, after, max_pairs, pairs);
  std::stable_sort(pairs.begin(), pairs.end(), [](const AnswerPair& a, const AnswerPair& b) {
    return difficulty_rank(a.difficulty) < difficulty_rank(b.difficulty);
  });
  return pairs;
}

}  // namespace reckon::watch
