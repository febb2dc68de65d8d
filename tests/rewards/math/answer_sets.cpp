#include "tests/rewards/math/answer_sets.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/jsonl.h"
#include "core/philox.h"
#include "rewards/math/math.h"

namespace reckon::rewards::math {

std::vector<AnswerSet> load_answer_sets(const std::string& data) {
  std::vector<AnswerSet> sets;
  for (const char* name : {"math", "gsm8k"}) {
    AnswerSet set{name, {}};
    for (const char* part : {"train.jsonl", "test.jsonl"}) {
      const std::filesystem::path path = std::filesystem::path(data) / name / part;
      if (!std::filesystem::exists(path)) return {};
      JsonlReader reader(path, JsonlMode::strict);
      while (const auto row = reader.next()) {
        set.answers.push_back(row->at("answer").get<std::string>());
      }
    }
    sets.push_back(std::move(set));
  }
  return sets;
}

CrossCheck cross_check(const AnswerSet& set, uint64_t count) {
  CrossCheck result;
  const RandomStream stream({.seed = 20, .purpose = Purpose::grade});
  RandomSequence random(stream, 0, 0);
  const auto size = static_cast<uint32_t>(set.answers.size());
  while (result.pairs < count) {
    const std::string& gold = set.answers[random.next_below(size)];
    const std::string& answer = set.answers[random.next_below(size)];
    if (gold == answer) continue;
    ++result.pairs;
    const Verdict verdict = grade_answer(answer, gold);
    if (verdict.score != 1.0) continue;
    auto& entry = result.accepted[{gold, answer}];
    entry.first = to_string(verdict.reason);
    ++entry.second;
  }
  return result;
}

}  // namespace reckon::rewards::math
