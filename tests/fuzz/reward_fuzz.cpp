// A gold answer, a zero byte, and a completion, through the rewards that read text; and the same
// bytes as a case of `reckon grade`.
#include "rewards/reward.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "core/json.h"
#include "rewards/answer_text.h"
#include "rewards/grade.h"
#include "tests/fuzz/fuzz_input.h"

using namespace reckon;

namespace {

using Rewards = std::vector<std::unique_ptr<rewards::Reward>>;

Rewards make_rewards() {
  Rewards list;
  for (const char* text :
       {R"({"kind": "answer"})", R"({"kind": "answer_form", "column": "answer"})", R"({"kind": "answer", "extract": "gsm8k"})",
        R"({"kind": "answer", "extract": "answer_tag"})", R"({"kind": "boxed"})",
        R"({"kind": "choice"})", R"({"kind": "countdown"})",
        R"({"kind": "countdown", "strict": false})",
        R"({"kind": "countdown", "forms": ["expr", "steps"]})", R"({"kind": "exact", "fold_case": true})",
        R"({"kind": "exact", "extract": "after_think", "nfkc": false})",
        R"({"kind": "format", "think_prefilled": true})", R"({"kind": "format", "style": "think"})",
        R"({"kind": "knights_knaves", "strict": false, "partial": true})",
        R"({"kind": "language", "language": "en", "region": "all"})",
        R"({"kind": "language", "language": "ja", "think_prefilled": true})",
        R"({"kind": "language", "language_column": "answer"})", R"({"kind": "tag_count"})",
        R"({"kind": "repeated_steps", "openers": ["wait"]})", R"({"kind": "thinks"})"}) {
    list.push_back(rewards::make_reward(parse_json_text(text, "reward"), "/rewards/0"));
  }
  return list;
}

/// Rewards that also give less than 0.
Rewards make_penalties() {
  Rewards list;
  for (const char* text :
       {R"({"kind": "cosine", "accuracy": {"kind": "answer"}})",
        R"({"kind": "length", "accuracy": {"kind": "choice"}})", R"({"kind": "repetition"})"}) {
    list.push_back(rewards::make_reward(parse_json_text(text, "reward"), "/rewards/0"));
  }
  return list;
}

/// Every line that is not blank gets one line, whatever it holds.
void grade(std::string_view text, const rewards::Reward& reward) {
  std::istringstream in{std::string(text)};
  std::ostringstream out;
  std::ostringstream problems;
  const auto counts = rewards::grade_cases(reward, in, out, problems);
  const std::string lines = out.str();
  fuzz::must(counts.graded + counts.bad == static_cast<uint64_t>(std::ranges::count(lines, '\n')));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto list = make_rewards();
  static const auto penalties = make_penalties();
  const std::string_view whole = fuzz::as_text(data, size);
  std::string_view completion = whole;
  const std::string_view gold = fuzz::cut_part(completion);
  const nlohmann::json columns = {{"answer", gold}, {"nums", {3, 4, 5}}, {"target", 17}};
  for (const bool bare : {false, true}) {
    rewards::RewardInput input{"prompt", completion, false, columns, {}, 50, 100};
    input.bare_answer = bare;
    for (const auto& reward : list) {
      const auto result = reward->score(input);
      fuzz::must(!result.value || (*result.value >= 0.0 && *result.value <= 1.0));
    }
    for (const auto& reward : penalties) {
      const auto result = reward->score(input);
      fuzz::must(!result.value || (*result.value >= -1.0 && *result.value <= 1.0));
    }
  }
  grade(whole, *list.front());
  // A canonical answer is its own canonical form.
  const std::string canonical = rewards::canonical_answer(completion);
  fuzz::must(rewards::canonical_answer(canonical) == canonical);
  return 0;
}
