#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rewards/reward.h"

namespace reckon::rewards {

/// The text behind the first `<think>` up to the last `</think>`, to the end if none follows.
/// Without `<think>` it begins at the beginning if `think_prefilled` or if a `</think>` follows;
/// else it is empty.
std::string_view thought_of(std::string_view completion, bool think_prefilled);

/// Options of `{"kind": "thinks"}`.
struct ThinksConfig : RewardConfig {
  std::optional<bool> think_prefilled;

  template <class V>
  static void visit(V& v) {
    RewardConfig::visit(v);
    v(&ThinksConfig::think_prefilled, "think_prefilled",
      "the prompt ends with `<think>`; if absent, as the model's chat format has it");
  }
};

/// 1 if the thought holds a word, else 0. Words are what blanks separate.
class ThinksReward : public Reward {
 public:
  explicit ThinksReward(const ThinksConfig& config);

  RewardResult score(const RewardInput& input) const override;

 private:
  bool think_prefilled_;
};

/// Options of `{"kind": "repeated_steps"}`.
struct RepeatedStepsConfig : RewardConfig {
  std::vector<std::string> openers;
  int64_t words = 4;
  std::optional<bool> think_prefilled;

  template <class V>
  static void visit(V& v) {
    RewardConfig::visit(v);
    v(&RepeatedStepsConfig::openers, "openers", "words that a step of the thought begins behind",
      required());
    v(&RepeatedStepsConfig::words, "words", "words at the beginning of a step that are compared",
      between(1, 64));
    v(&RepeatedStepsConfig::think_prefilled, "think_prefilled",
      "the prompt ends with `<think>`; if absent, as the model's chat format has it");
  }
};

/// How often a step of the thought begins with the words that an earlier one began with. The first
/// step begins with the thought, every other behind one of `openers`; of a shorter step all words
/// are compared. Words are what blanks separate. Linear in the thought.
int64_t count_repeated_steps(std::string_view thought, const std::vector<std::string>& openers,
                             int64_t words);

/// 1 if no two steps of the thought begin with the same words, else 0.
class RepeatedStepsReward : public Reward {
 public:
  explicit RepeatedStepsReward(const RepeatedStepsConfig& config);

  RewardResult score(const RewardInput& input) const override;

 private:
  std::vector<std::string> openers_;
  int64_t words_;
  bool think_prefilled_;
};

}  // namespace reckon::rewards
