#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rewards/format.h"
#include "rewards/reward.h"

namespace reckon::rewards {

/// What the verifier found.
struct CountdownVerdict {
  bool correct = false;
  std::string
      reason;  // "correct", "not an expression", "uses 4 twice", "equals 12, target 24", ...
  /// One text for answers that say the same (`canonical_expression`); empty if it is no expression.
  std::string canonical;
};

/// Whether `expression` uses exactly the given numbers, each once, and equals the target. Knows
/// `+ - * /` on unsigned integers with parentheses and the usual precedence; everything is exact.
/// Takes any text: time and memory are linear in it, nesting costs no stack, and values that leave
/// 64 bits are wrong, never rounded.
CountdownVerdict verify_countdown(std::string_view expression, std::span<const int64_t> numbers,
                                  int64_t target);

/// The same for an answer in two equations of exactly ten words, `l op r = v v op z = T`: both must
/// hold, the second must go on from the value of the first, on either side. Canonical is the
/// expression that they amount to.
CountdownVerdict verify_countdown_steps(std::string_view steps, std::span<const int64_t> numbers,
                                        int64_t target);

/// How an answer may be written: as one expression, or as two equations.
enum class CountdownAnswerForm { expr, steps };

}  // namespace reckon::rewards

namespace reckon {

template <>
struct EnumNames<rewards::CountdownAnswerForm> {
  static constexpr std::array<std::string_view, 2> names{"expr", "steps"};
};

}  // namespace reckon

namespace reckon::rewards {

/// Options of `{"kind": "countdown"}`.
struct CountdownRewardConfig : TagConfig {
  std::vector<CountdownAnswerForm> forms = {CountdownAnswerForm::expr};

  template <class V>
  static void visit(V& v) {
    TagConfig::visit(v);
    v(&CountdownRewardConfig::forms, "forms",
      "forms of an answer that count: `expr`, an expression, and `steps`, two equations");
  }
};

/// 1 if the completion has thought and answer in the asked form and the answer solves the problem
/// in the columns `nums` (or `numbers`) and `target`, else 0. No value if the columns cannot be
/// read. Where steps count, `extracted` is the canonical expression, so that votes meet.
class CountdownReward : public Reward {
 public:
  explicit CountdownReward(const CountdownRewardConfig& config);

  RewardResult score(const RewardInput& input) const override;

 private:
  CountdownVerdict verify(std::string_view answer, std::span<const int64_t> numbers,
                          int64_t target) const;

  ThinkAnswerRules rules_;
  std::string end_token_;
  bool expressions_;
  bool steps_;
};

}  // namespace reckon::rewards
