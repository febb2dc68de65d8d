#include "rewards/language.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "rewards/thought.h"

namespace reckon::rewards {

LanguageShare count_language(std::string_view text, const Language& target,
                             const LanguageWords& words) {
  LanguageShare share;
  for (const Sentence& sentence : split_prose(without_formulas(text))) {
    const bool is_target = words.is_target(sentence, target);
    for (const ProseWord& word : sentence) {
      const bool script = std::ranges::find(target.scripts, word.script) != target.scripts.end();
      share.all += word.weight;
      share.own += is_target && script && !word.mixed ? word.weight : 0;
    }
  }
  return share;
}

LanguageReward::LanguageReward(const LanguageConfig& config, const std::string& file,
                               const std::string& pointer)
    : Reward(config), config_(config) {
  if (config.language.empty()) return;
  language_ = find_language(config.language);
  std::string known;
  for (const Language& language : languages()) known += fmt::format(" {}", language.code);
  check(language_ != nullptr, ErrorCode::invalid_argument,
        "expected one of{}, got \"{}\", in {} {}/language", known, config.language, file, pointer);
}

const Language* LanguageReward::target_of(const nlohmann::json& columns) const {
  if (language_ != nullptr) return language_;
  if (!columns.is_object()) return nullptr;
  const auto found = columns.find(config_.language_column);
  if (found == columns.end() || !found->is_string()) return nullptr;
  return find_language(found->get_ref<const std::string&>());
}

RewardResult LanguageReward::score(const RewardInput& input) const {
  const Language* target = target_of(input.columns);
  if (target == nullptr) {
    return {std::nullopt, "", "",
            fmt::format("expected a language in the column `{}`", config_.language_column)};
  }
  const bool whole = config_.region == "all" || input.bare_answer;
  const std::string_view region =
      whole ? input.completion
            : thought_of(input.completion, config_.think_prefilled.value_or(false));
  const LanguageShare share = count_language(region, *target, words_);
  RewardResult result{0.0, fmt::format("{} of {} words", share.own, share.all),
                      std::string(target->code), ""};
  if (share.all == 0) {
    if (config_.no_words == "none") result.value.reset();
    result.reason = "no words";
    return result;
  }
  const double part = static_cast<double>(share.own) / static_cast<double>(share.all);
  result.value = config_.threshold ? (part >= *config_.threshold ? 1.0 : 0.0) : part;
  result.reason = fmt::format("{:.1f} % of the words are in {}", 100.0 * part, target->code);
  return result;
}

}  // namespace reckon::rewards
