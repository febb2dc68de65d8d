// A gold answer, a zero byte, and a completion, through the rewards that read text.
#include "rewards/reward.h"

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/json.h"
#include "rewards/answer_text.h"
#include "tests/fuzz/fuzz_input.h"

using namespace reckon;

namespace {

std::vector<std::unique_ptr<rewards::Reward>> make_rewards() {
  std::vector<std::unique_ptr<rewards::Reward>> list;
  for (const char* text : {R"({"kind": "answer"})", R"({"kind": "answer", "extract": "gsm8k"})",
                           R"({"kind": "answer", "extract": "answer_tag"})", R"({"kind": "boxed"})",
                           R"({"kind": "countdown"})", R"({"kind": "countdown", "strict": false})",
                           R"({"kind": "format", "think_prefilled": true})"}) {
    list.push_back(rewards::make_reward(parse_json_text(text, "reward"), "/rewards/0"));
  }
  return list;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto list = make_rewards();
  std::string_view completion = fuzz::as_text(data, size);
  const std::string_view gold = fuzz::cut_part(completion);
  const nlohmann::json columns = {{"answer", gold}, {"nums", {3, 4, 5}}, {"target", 17}};
  for (const auto& reward : list) {
    const auto result = reward->score({"prompt", completion, false, columns, {}, 0, 0});
    fuzz::must(!result.value || *result.value == 0.0 || *result.value == 1.0);
  }
  // A canonical answer is its own canonical form.
  const std::string canonical = rewards::canonical_answer(completion);
  fuzz::must(rewards::canonical_answer(canonical) == canonical);
  return 0;
}
