#include "rewards/thought.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "core/text.h"

namespace reckon::rewards {

std::string_view thought_of(std::string_view completion, bool think_prefilled) {
  constexpr std::string_view kOpen = "<think>";
  const size_t open = completion.find(kOpen);
  const size_t close = completion.rfind("</think>");
  const bool closed = close != std::string_view::npos;
  size_t begin = 0;
  if (open != std::string_view::npos && !(closed && close < open)) {
    begin = open + kOpen.size();
  } else if (!think_prefilled && !closed) {
    return {};
  }
  return completion.substr(begin, closed ? close - begin : std::string_view::npos);
}

ThinksReward::ThinksReward(const ThinksConfig& config)
    : Reward(config), think_prefilled_(config.think_prefilled.value_or(false)) {}

RewardResult ThinksReward::score(const RewardInput& input) const {
  std::string_view thought = thought_of(input.completion, think_prefilled_);
  const bool thinks = !next_word(thought).empty();
  return {thinks ? 1.0 : 0.0, "", "", thinks ? "thinks" : "no thought"};
}

int64_t count_repeated_steps(std::string_view thought, const std::vector<std::string>& openers,
                             int64_t words) {
  std::unordered_set<std::string> seen;
  std::string head;  // the first words of the step in hand
  int64_t length = 0;
  int64_t repeats = 0;
  const auto end_step = [&] {
    if (!seen.insert(std::move(head)).second) ++repeats;
    head.clear();
    length = 0;
  };
  for (auto word = next_word(thought); !word.empty(); word = next_word(thought)) {
    if (std::ranges::find(openers, word) != openers.end()) {
      end_step();
    } else if (length < words) {
      head.append(word).push_back(' ');
      ++length;
    }
  }
  end_step();
  return repeats;
}

RepeatedStepsReward::RepeatedStepsReward(const RepeatedStepsConfig& config)
    : Reward(config),
      openers_(config.openers),
      words_(config.words),
      think_prefilled_(config.think_prefilled.value_or(false)) {}

RewardResult RepeatedStepsReward::score(const RewardInput& input) const {
  const std::string_view thought = thought_of(input.completion, think_prefilled_);
  const int64_t repeats = count_repeated_steps(thought, openers_, words_);
  return {repeats == 0 ? 1.0 : 0.0, "", "", fmt::format("repeated steps: {}", repeats)};
}

}  // namespace reckon::rewards
