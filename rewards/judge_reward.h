#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rewards/judge/judge_client.h"
#include "rewards/reward.h"
#include "rewards/verdict.h"

namespace reckon::rewards {

/// Options of the rewards that a judge computes.
struct JudgeConfig : RewardConfig {
  std::string end_token = "<eos>";

  template <class V>
  static void visit(V& v) {
    RewardConfig::visit(v);
    v(&JudgeConfig::end_token, "end_token", "text of the token that ends a completion");
  }
};

/// The text of the gold in a row: the member `column`, or if that is empty the first of `gold`,
/// `answer` and `solution`. Of a text with a line `#### ...` what follows the last of them; a
/// number as it is written in JSON. Nothing if there is none.
std::optional<std::string> gold_text(const nlohmann::json& columns, const std::string& column);

/// What a verdict says, in the form of rewards.
RewardResult to_result(const Verdict& verdict);

/// A reward of which each sample is one request to the judge. Thread-safe.
class JudgeReward : public Reward {
 public:
  RewardResult score(const RewardInput& input) const override;
  std::vector<RewardResult> score_all(std::span<const RewardInput> inputs) const override;
  bool waits() const override { return true; }

 protected:
  JudgeReward(const JudgeConfig& config, const RewardServices& services);

  /// The request for `input`; null if the row has nothing to compare with.
  virtual nlohmann::json request(const RewardInput& input) const = 0;

  /// One result a request; for null, the verdict `gold_unreadable`.
  std::vector<RewardResult> ask(std::vector<nlohmann::json> requests) const;

  JudgeClient& judge() const { return *judge_; }

  /// The completion of `input` without the token that ends it.
  std::string_view completion(const RewardInput& input) const;

 private:
  std::shared_ptr<JudgeClient> judge_;
  std::string end_token_;
};

}  // namespace reckon::rewards
