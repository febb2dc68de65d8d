#include "rewards/reward.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "rewards/answer.h"
#include "rewards/answer_form.h"
#include "rewards/code_reward.h"
#include "rewards/countdown.h"
#include "rewards/external_reward.h"
#include "rewards/format.h"
#include "rewards/knights_knaves.h"
#include "rewards/language.h"
#include "rewards/length.h"
#include "rewards/math_reward.h"
#include "rewards/overlong.h"
#include "rewards/random.h"
#include "rewards/regex_reward.h"
#include "rewards/repetition.h"
#include "rewards/text_match.h"
#include "rewards/thought.h"

namespace reckon::rewards {

namespace {

/// Where the options of a reward stand, and what it may use.
struct Source {
  const nlohmann::json& config;
  const std::string& pointer;
  const std::string& file;
  const RewardServices& services;
};

/// A reward of class `T` that needs its options only.
template <class T, class Config>
std::unique_ptr<Reward> plain(const Source& source) {
  return std::make_unique<T>(read_config<Config>(source.config, source.pointer, source.file));
}

/// A reward of class `T` that needs its options and the reward that says what is right.
template <class T, class Config>
std::unique_ptr<Reward> with_accuracy(const Source& source) {
  const auto config = read_config<Config>(source.config, source.pointer, source.file);
  return std::make_unique<T>(config, make_reward(*config.accuracy, source.pointer + "/accuracy",
                                                 source.file, source.services));
}

/// The language of the options is looked up, which may fail.
std::unique_ptr<Reward> language(const Source& source) {
  return std::make_unique<LanguageReward>(
      read_config<LanguageConfig>(source.config, source.pointer, source.file), source.file,
      source.pointer);
}

/// A reward of class `T` that asks a judge.
template <class T, class Config>
std::unique_ptr<Reward> judged(const Source& source) {
  return std::make_unique<T>(read_config<Config>(source.config, source.pointer, source.file),
                             source.services);
}

/// A kind of recipes and what makes it.
struct RewardKind {
  std::string_view kind;
  std::unique_ptr<Reward> (*make)(const Source& source);
};

/// Every kind, by name.
constexpr auto kRewardKinds = std::to_array<RewardKind>({
    {"answer", plain<AnswerReward, AnswerConfig>},
    {"answer_form", plain<AnswerFormReward, AnswerFormConfig>},
    {"boxed", plain<BoxedReward, RewardConfig>},
    {"choice", plain<ChoiceReward, AnswerConfig>},
    {"code", judged<CodeReward, CodeConfig>},
    {"cosine", with_accuracy<CosineReward, CosineConfig>},
    {"countdown", plain<CountdownReward, CountdownRewardConfig>},
    {"exact", plain<ExactReward, ExactConfig>},
    {"external", judged<ExternalReward, ExternalConfig>},
    {"format", plain<FormatReward, FormatConfig>},
    {"knights_knaves", plain<KnightsKnavesReward, KnightsKnavesConfig>},
    {"language", language},
    {"length", with_accuracy<LengthReward, LengthConfig>},
    {"math", judged<MathReward, MathConfig>},
    {"overlong", plain<OverlongReward, OverlongConfig>},
    {"random", plain<RandomReward, RandomConfig>},
    {"regex", judged<RegexReward, RegexConfig>},
    {"repeated_steps", plain<RepeatedStepsReward, RepeatedStepsConfig>},
    {"repetition", plain<RepetitionReward, RepetitionConfig>},
    {"tag_count", plain<TagCountReward, TagCountConfig>},
    {"thinks", plain<ThinksReward, ThinksConfig>},
});

}  // namespace

std::vector<RewardResult> Reward::score_all(std::span<const RewardInput> inputs) const {
  std::vector<RewardResult> results;
  results.reserve(inputs.size());
  for (const auto& input : inputs) results.push_back(score(input));
  return results;
}

std::vector<RewardResult> Reward::score_applicable(std::span<const RewardInput> inputs) const {
  if (tasks_.empty()) return score_all(inputs);
  std::vector<RewardInput> own;
  std::vector<size_t> places;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!applies(inputs[i].columns)) continue;
    own.push_back(inputs[i]);
    places.push_back(i);
  }
  std::vector<RewardResult> results(inputs.size(), {std::nullopt, "", "", "not for this task"});
  if (own.empty()) return results;
  std::vector<RewardResult> scored = score_all(own);
  for (size_t i = 0; i < places.size(); ++i) results[places[i]] = std::move(scored[i]);
  return results;
}

bool Reward::applies_to(std::string_view task) const {
  return tasks_.empty() || std::ranges::find(tasks_, task) != tasks_.end();
}

bool Reward::applies(const nlohmann::json& columns) const {
  if (tasks_.empty()) return true;
  const auto found = columns.is_object() ? columns.find("task") : columns.end();
  const bool named = found != columns.end() && found->is_string();
  return applies_to(named ? std::string_view(found->get_ref<const std::string&>()) : "");
}

std::vector<RewardResult> Reward::check_golds(std::span<const nlohmann::json* const>) const {
  return {};
}

std::unique_ptr<Reward> make_reward(const nlohmann::json& config, const std::string& pointer,
                                    const std::string& file, const RewardServices& services) {
  check(config.is_object(), ErrorCode::invalid_argument, "expected an object, got {}, in {} {}",
        json_summary(config), file, pointer);
  const auto found = config.find("kind");
  const std::string kind =
      found != config.end() && found->is_string() ? found->get<std::string>() : "";
  for (const auto& entry : kRewardKinds) {
    if (entry.kind == kind) return entry.make({config, pointer, file, services});
  }
  fail(ErrorCode::invalid_argument, "expected one of {}, got {}, in {} {}/kind",
       fmt::join(reward_kinds(), ", "), found == config.end() ? "nothing" : json_summary(*found),
       file, pointer);
}

std::vector<std::string> reward_kinds() {
  std::vector<std::string> kinds;
  for (const auto& entry : kRewardKinds) kinds.emplace_back(entry.kind);
  return kinds;
}

}  // namespace reckon::rewards
