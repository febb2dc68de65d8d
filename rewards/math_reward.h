#pragma once

#include <optional>
#include <string>

#include "rewards/judge_reward.h"

namespace reckon::rewards {

/// Options of `{"kind": "math"}`.
struct MathConfig : JudgeConfig {
  std::string region = "after_think";
  std::string style = "boxed";
  std::string column;
  bool decimal_comma = false;
  std::string decimal_rule = "rounded";
  bool require_evaluated = false;
  std::optional<bool> think_prefilled;

  template <class V>
  static void visit(V& v) {
    JudgeConfig::visit(v);
    v(&MathConfig::region, "region", "the part of a completion in which answers count",
      one_of({"after_think", "answer_tag", "whole"}));
    v(&MathConfig::style, "style", "how the answer stands there",
      one_of({"boxed", "tag", "hash", "line", "lenient"}));
    v(&MathConfig::column, "column",
      "column with the gold answer; if empty, the first of `gold`, `answer`, `solution`");
    v(&MathConfig::decimal_comma, "decimal_comma", "`1,22` may be a number");
    v(&MathConfig::decimal_rule, "decimal_rule",
      "whether a decimal may be the rounded value of an exact gold", one_of({"rounded", "exact"}));
    v(&MathConfig::require_evaluated, "require_evaluated",
      "an answer that only restates the task, such as 2+2 for 4, is wrong");
    v(&MathConfig::think_prefilled, "think_prefilled",
      "the prompt ends with `<think>`; if absent, as the model's chat format has it");
  }
};

/// 1 if the answer of the completion is mathematically equal to the gold, else 0; no value if the
/// gold cannot be read. Graded in the judge's workers: docs/rewards.md.
class MathReward : public JudgeReward {
 public:
  MathReward(const MathConfig& config, const RewardServices& services);

  std::vector<RewardResult> check_golds(
      std::span<const nlohmann::json* const> columns) const override;

 protected:
  nlohmann::json request(const RewardInput& input) const override;

 private:
  MathConfig config_;
  nlohmann::json options() const;
};

}  // namespace reckon::rewards
