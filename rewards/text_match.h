#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/config.h"
#include "rewards/answer.h"
#include "rewards/folded_text.h"
#include "rewards/reward.h"

namespace reckon::rewards {

/// Where the text that is compared stands in a completion.
enum class TextPlace {
  automatic,    // as for `answer`
  boxed,        // the last closed \boxed{...}
  gsm8k,        // behind the last ####, up to the end of the line
  answer_tag,   // the last <answer>...</answer>
  after_think,  // all that follows the thought
};

}  // namespace reckon::rewards

namespace reckon {

/// How the places are written in recipes.
template <>
struct EnumNames<rewards::TextPlace> {
  static constexpr std::array<std::string_view, 5> names{"auto", "boxed", "gsm8k", "answer_tag",
                                                         "after_think"};
};

}  // namespace reckon

namespace reckon::rewards {

/// Options of `{"kind": "exact"}`.
struct ExactConfig : RewardConfig {
  TextPlace extract = TextPlace::automatic;
  std::string column;
  bool nfkc = true;
  bool fold_case = false;

  template <class V>
  static void visit(V& v) {
    RewardConfig::visit(v);
    v(&ExactConfig::extract, "extract", "where the text of a completion stands");
    v(&ExactConfig::column, "column",
      "column with the gold text; if empty, the first of `gold`, `answer`, `solution`");
    v(&ExactConfig::nfkc, "nfkc", "forms of one character are equal: full width, ligatures");
    v(&ExactConfig::fold_case, "fold_case", "capitals are equal to small letters");
  }
};

/// 1 if the text is the gold one but for blanks and what the options fold, else 0. Never reads
/// numbers: 1 and 1.0 are different. No value if there is no gold.
class ExactReward : public Reward {
 public:
  explicit ExactReward(const ExactConfig& config);

  RewardResult score(const RewardInput& input) const override;

 private:
  TextPlace place_;
  std::string column_;
  TextFolding folding_;
};

/// The letter A to J that a text is as a whole, in any of the spellings `C`, `(C)`, `C.`, `C)`,
/// `$C$`, `**C**`, `\text{C}`, `\textbf{(C)}`; nothing for any other text. Small letters and
/// letters of other scripts are none.
std::optional<char> choice_letter(std::string_view text);

/// 1 if the final answer is the letter of the gold choice, else 0. No value if the gold is none.
/// Options of `{"kind": "choice"}` are those of `answer`.
class ChoiceReward : public Reward {
 public:
  explicit ChoiceReward(const AnswerConfig& config);

  RewardResult score(const RewardInput& input) const override;

 private:
  AnswerForm form_;
  std::string column_;
};

}  // namespace reckon::rewards
