#pragma once

#include <string>

#include "rewards/judge_reward.h"

namespace reckon::rewards {

/// Options of `{"kind": "regex"}`.
struct RegexConfig : JudgeConfig {
  std::string pattern;
  std::string column;

  template <class V>
  static void visit(V& v) {
    JudgeConfig::visit(v);
    v(&RegexConfig::pattern, "pattern",
      "regular expression (PCRE2) that is looked for in the completion", required());
    v(&RegexConfig::column, "column",
      "column with the gold text; if empty, the first of `gold`, `answer`, `solution`");
  }
};

/// Looks for the first match of a pattern. If the pattern has a group named `answer`, or any group
/// (then the first), 1 if its text is the gold text, else 0; no value if there is no gold. Without
/// a group, 1 if the pattern matches, else 0. Matched in the judge's workers.
class RegexReward : public JudgeReward {
 public:
  /// Throws Error(invalid_argument) if the pattern cannot be read.
  RegexReward(const RegexConfig& config, const RewardServices& services);

 protected:
  nlohmann::json request(const RewardInput& input) const override;

 private:
  std::string pattern_;
  std::string column_;
  bool has_answer_;
};

}  // namespace reckon::rewards
