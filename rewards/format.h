#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/config.h"
#include "rewards/reward.h"

namespace reckon::rewards {

/// What counts as well formed.
struct ThinkAnswerRules {
  /// Ask for an `<answer>` pair after the thought.
  bool answer = true;
  /// Nothing but blanks before `<think>`, between `</think>` and `<answer>` and after `</answer>`,
  /// and the text must have ended by itself. Without it other text may stand there.
  bool strict = true;
  /// The prompt ends with `<think>`, so the completion must not hold it.
  bool think_prefilled = false;
};

/// The parts of a completion. Views into the scanned text.
struct ThinkAnswer {
  bool valid = false;
  std::string_view think;   // inside `<think>`; empty if not valid
  std::string_view answer;  // inside `<answer>`, or what follows `</think>`; trimmed
  std::string reason;       // "valid", or the first rule that is broken
};

/// Cuts one `end_token` and the blanks around it from the end of `completion`. An empty token cuts
/// blanks only.
std::string_view without_end_token(std::string_view completion, std::string_view end_token);

/// Finds thought and answer: exactly one of each tag, in the order `<think>`, `</think>`,
/// `<answer>`, `</answer>`. `text` is a completion without its end token; `ended` says that the
/// policy ended it. One pass over the text, no regular expression.
ThinkAnswer scan_think_answer(std::string_view text, bool ended, const ThinkAnswerRules& rules);

/// The parts of a sample's completion; a bare answer is all answer.
ThinkAnswer read_think_answer(const RewardInput& input, std::string_view end_token,
                              const ThinkAnswerRules& rules);

/// How often each of the four tags stands in `text`. One pass.
struct TagCounts {
  size_t think = 0;
  size_t end_think = 0;
  size_t answer = 0;
  size_t end_answer = 0;
};
TagCounts count_tags(std::string_view text);

/// Options of the rewards that read the tags.
struct TagConfig : RewardConfig {
  bool strict = true;
  /// None: no, unless whoever knows the prompts' chat format says otherwise.
  std::optional<bool> think_prefilled;
  std::string end_token = "<eos>";

  template <class V>
  static void visit(V& v) {
    RewardConfig::visit(v);
    v(&TagConfig::strict, "strict",
      "only blanks outside of the tags, and the text must end by itself");
    v(&TagConfig::think_prefilled, "think_prefilled",
      "the prompt ends with `<think>`; if absent, as the model's chat format has it");
    v(&TagConfig::end_token, "end_token", "text of the token that ends a completion");
  }
};

/// The configuration of a reward with `think_prefilled` set, if it is one that has this option and
/// leaves it open. Thread-safe.
nlohmann::json with_think_prefilled(nlohmann::json config, bool think_prefilled);

/// Options of `{"kind": "format"}`.
struct FormatConfig : TagConfig {
  std::string style = "think_answer";

  template <class V>
  static void visit(V& v) {
    TagConfig::visit(v);
    v(&FormatConfig::style, "style", "which tags are asked for", one_of({"think_answer", "think"}));
  }
};

/// 1 if the completion has the asked form, else 0.
class FormatReward : public Reward {
 public:
  explicit FormatReward(const FormatConfig& config);

  RewardResult score(const RewardInput& input) const override;

 private:
  ThinkAnswerRules rules_;
  std::string end_token_;
};

/// Options of `{"kind": "tag_count"}`.
struct TagCountConfig : RewardConfig {
  std::string style = "think_answer";
  std::optional<bool> think_prefilled;

  template <class V>
  static void visit(V& v) {
    RewardConfig::visit(v);
    v(&TagCountConfig::style, "style", "which tags are asked for",
      one_of({"think_answer", "think"}));
    v(&TagCountConfig::think_prefilled, "think_prefilled",
      "the prompt ends with `<think>`; if absent, as the model's chat format has it");
  }
};

/// The share of the asked tags that stand exactly once, wherever they stand: a softer signal than
/// the whole form. A tag that the prompt opened is not asked for.
class TagCountReward : public Reward {
 public:
  explicit TagCountReward(const TagCountConfig& config);

  RewardResult score(const RewardInput& input) const override;

 private:
  bool answer_;
  bool think_prefilled_;
};

}  // namespace reckon::rewards
