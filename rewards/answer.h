#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/config.h"
#include "rewards/answer_text.h"
#include "rewards/reward.h"

namespace reckon {

/// How the forms of an answer are written in recipes.
template <>
struct EnumNames<rewards::AnswerForm> {
  static constexpr std::array<std::string_view, 4> names{"auto", "boxed", "gsm8k", "answer_tag"};
};

}  // namespace reckon

namespace reckon::rewards {

/// Options of `{"kind": "answer"}`.
struct AnswerConfig : RewardConfig {
  AnswerForm extract = AnswerForm::automatic;
  std::string column;

  template <class V>
  static void visit(V& v) {
    RewardConfig::visit(v);
    v(&AnswerConfig::extract, "extract", "where the final answer of a completion stands");
    v(&AnswerConfig::column, "column",
      "column with the gold answer; if empty, the first of `gold`, `answer`, `solution`");
  }
};

/// The gold answer of a row: what stands in `column`, or, if that is empty, in the first of `gold`,
/// `answer` and `solution` that the row has. Null if there is none.
const nlohmann::json* find_gold(const nlohmann::json& columns, const std::string& column);

/// 1 if the final answer is the gold one, else 0: exactly the same number, or the same text where
/// they are no numbers. The gold is a number or a text, of which the last `\boxed{...}` or what
/// follows the last `####` counts if it holds one. No value if there is no gold. `extracted` is the
/// canonical form of the answer.
class AnswerReward : public Reward {
 public:
  explicit AnswerReward(const AnswerConfig& config);

  RewardResult score(const RewardInput& input) const override;

 private:
  AnswerForm form_;
  std::string column_;
};

/// 1 if the part behind the thought holds exactly one `\boxed{...}`, closed and not empty, else 0.
class BoxedReward : public Reward {
 public:
  explicit BoxedReward(const RewardConfig& config);

  RewardResult score(const RewardInput& input) const override;
};

}  // namespace reckon::rewards
