#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "rewards/format.h"
#include "rewards/reward.h"

namespace reckon::rewards {

/// What the verifier found.
struct CountdownVerdict {
  bool correct = false;
  std::string
      reason;  // "correct", "not an expression", "uses 4 twice", "equals 12, target 24", ...
};

/// Whether `expression` uses exactly the given numbers, each once, and equals the target. Knows
/// `+ - * /` on unsigned integers with parentheses and the usual precedence; everything is exact.
/// Takes any text: time and memory are linear in it, nesting costs no stack, and values that leave
/// 64 bits are wrong, never rounded.
CountdownVerdict verify_countdown(std::string_view expression, std::span<const int64_t> numbers,
                                  int64_t target);

/// 1 if the completion has thought and answer in the asked form and the answer solves the problem
/// in the columns `nums` and `target`, else 0. No value if the columns cannot be read.
class CountdownReward : public Reward {
 public:
  /// Options of `{"kind": "countdown"}` are those of the tags.
  explicit CountdownReward(const TagConfig& config);

  RewardResult score(const RewardInput& input) const override;

 private:
  ThinkAnswerRules rules_;
  std::string end_token_;
};

}  // namespace reckon::rewards
