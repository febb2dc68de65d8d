#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rewards/language_words.h"
#include "rewards/reward.h"

namespace reckon::rewards {

/// Options of `{"kind": "language"}`.
struct LanguageConfig : RewardConfig {
  std::string language;
  std::string language_column = "language";
  std::string region = "think";
  std::string no_words = "zero";
  std::optional<double> threshold;
  std::optional<bool> think_prefilled;

  template <class V>
  static void visit(V& v) {
    RewardConfig::visit(v);
    v(&LanguageConfig::language, "language",
      "the language to write in, as en or zh; if empty, from the column");
    v(&LanguageConfig::language_column, "language_column", "column that names the language");
    v(&LanguageConfig::region, "region", "where words are counted: in the thought, or in all",
      one_of({"think", "all"}));
    v(&LanguageConfig::no_words, "no_words",
      "of a region without words: 0, or no value (for evaluations)", one_of({"zero", "none"}));
    v(&LanguageConfig::threshold, "threshold",
      "1 from this share of words on, 0 below; null: the share itself", reckon::probability());
    v(&LanguageConfig::think_prefilled, "think_prefilled",
      "the prompt ends with `<think>`; if absent, as the model's chat format has it");
  }
};

/// How many words of a text are in a language.
struct LanguageShare {
  int64_t own = 0;
  int64_t all = 0;
};

/// Counts the words of `text`, formulas and code left out. Words of another script and words in
/// mixed letters are not in `target`, nor are those of sentences that are in another language of
/// its script. Linear.
LanguageShare count_language(std::string_view text, const Language& target,
                             const LanguageWords& words);

/// The share of the words in the target language, from 0 to 1 (DeepSeek-R1, arXiv 2501.12948,
/// section 2.3.2). A thought without words is worth 0: were it 1, the policy would learn to think
/// nothing. No value where the column names no known language.
class LanguageReward : public Reward {
 public:
  /// `file` and `pointer` say where the configuration stands. Throws `invalid_argument` if the
  /// language is not known.
  LanguageReward(const LanguageConfig& config, const std::string& file, const std::string& pointer);

  RewardResult score(const RewardInput& input) const override;

 private:
  const Language* target_of(const nlohmann::json& columns) const;

  LanguageConfig config_;
  const Language* language_ = nullptr;  // null: from the column
  LanguageWords words_;
};

}  // namespace reckon::rewards
