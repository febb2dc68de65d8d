#pragma once

#include <string>

#include "rewards/format.h"
#include "rewards/reward.h"

namespace reckon::rewards {

/// Options of `{"kind": "answer_form"}`.
struct AnswerFormConfig : TagConfig {
  std::string column = "form";
  std::string mark = "=";
  std::string marked = "steps";
  std::string unmarked = "expr";

  template <class V>
  static void visit(V& v) {
    TagConfig::visit(v);
    v(&AnswerFormConfig::column, "column", "column with the form that was asked for");
    v(&AnswerFormConfig::mark, "mark", "text that only answers of one form hold");
    v(&AnswerFormConfig::marked, "marked", "name of that form in the column");
    v(&AnswerFormConfig::unmarked, "unmarked", "name of the form of all other answers");
  }
};

/// 1 if the completion has thought and answer in their tags and the answer is of the form that the
/// column names, else 0: right or wrong does not matter. No value where the column names neither of
/// the two forms.
class AnswerFormReward : public Reward {
 public:
  explicit AnswerFormReward(const AnswerFormConfig& config);

  RewardResult score(const RewardInput& input) const override;

 private:
  AnswerFormConfig config_;
  ThinkAnswerRules rules_;
};

}  // namespace reckon::rewards
