#pragma once

#include <optional>
#include <string>

#include "rewards/judge_reward.h"

namespace reckon::rewards {

/// Options of `{"kind": "code"}`.
struct CodeConfig : JudgeConfig {
  std::string region = "after_think";
  std::string style = "fence";
  std::optional<std::string> language;
  JsonValue comparator;
  std::string score = "binary";
  int64_t max_tests = 0;
  JsonValue limits;
  std::optional<bool> tuple_as_list;
  bool per_test = false;
  bool use_challenge_tests = false;
  std::optional<bool> think_prefilled;

  template <class V>
  static void visit(V& v) {
    JudgeConfig::visit(v);
    v(&CodeConfig::region, "region", "the part of a completion in which the program stands",
      one_of({"after_think", "answer_tag", "whole"}));
    v(&CodeConfig::style, "style",
      "how it stands there: in the last fenced block (`fence`), or as all of the region (`tag`)",
      one_of({"fence", "tag"}));
    v(&CodeConfig::language, "language",
      "python, cpp, c or bash; if absent, what the row says, else python");
    v(&CodeConfig::comparator, "comparator",
      "how printed text is compared: `exact`, `lines`, `tokens`, `checker`, or "
      "`{\"kind\": \"float\", \"abs\", \"rel\"}`; if absent, `lines`");
    v(&CodeConfig::score, "score", "all tests or nothing, or the share of passed ones",
      one_of({"binary", "fraction"}));
    v(&CodeConfig::max_tests, "max_tests", "most tests that are run; 0 is all", at_least(0));
    v(&CodeConfig::limits, "limits",
      "an object with limits of one test, such as `cpu_s` and `memory_bytes`, and `total_s`");
    v(&CodeConfig::tuple_as_list, "tuple_as_list",
      "a tuple equals a list; if absent, as the set of the row needs it");
    v(&CodeConfig::per_test, "per_test", "a sandbox of its own for each test");
    v(&CodeConfig::use_challenge_tests, "use_challenge_tests",
      "the column `challenge_tests` counts too");
    v(&CodeConfig::think_prefilled, "think_prefilled",
      "the prompt ends with `<think>`; if absent, as the model's chat format has it");
  }
};

/// 1 if the program of the completion passes the tests of the row, else 0; no value if the row has
/// no tests or the sandbox failed. Run in the judge's sandboxes: docs/code-rewards.md.
class CodeReward : public JudgeReward {
 public:
  CodeReward(const CodeConfig& config, const RewardServices& services);

  /// Rows whose tests cannot be read are unusable. No program is run.
  std::vector<RewardResult> check_golds(
      std::span<const nlohmann::json* const> columns) const override;

 protected:
  nlohmann::json request(const RewardInput& input) const override;

 private:
  nlohmann::json options() const;

  CodeConfig config_;
};

}  // namespace reckon::rewards
