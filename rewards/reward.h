#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config.h"

namespace reckon::rewards {

class JudgeClient;

/// What rewards share. Rewards that need a judge and find none here make one of their own.
struct RewardServices {
  std::shared_ptr<JudgeClient> judge;
};

/// Where a sample stands in the run, for rewards that draw: the same address gives the same draw.
struct SampleAddress {
  uint64_t seed = 0;
  uint32_t stage = 0;
  uint64_t step = 0;
  uint32_t prompt = 0;
  uint32_t sample = 0;
};

/// One sample to be scored. Views and the columns must outlive the call only.
struct RewardInput {
  std::string_view prompt;
  /// Only what the policy wrote, special words kept; it may or may not still hold the end token.
  std::string_view completion;
  /// The completion was cut off at its limit, so it did not end by itself.
  bool truncated = false;
  const nlohmann::json& columns;
  SampleAddress address;
  /// Length of the completion and its limit, in tokens. Only length terms may read them.
  int64_t num_tokens = 0;
  int64_t max_tokens = 0;
  /// The tokens of the completion, for external graders; empty if the caller has none.
  std::span<const int32_t> completion_ids = {};
  /// The completion is a final answer by itself: there is nothing to extract it from.
  bool bare_answer = false;
};

/// A score and what it rests on. `value` is empty if the reward does not apply to this sample, as
/// when its gold cannot be read; a completion that cannot be read scores 0 instead.
struct RewardResult {
  std::optional<double> value;
  std::string extracted;  // the answer that was found in the completion
  std::string gold;       // what it was compared with
  std::string reason;     // why it got this value, for readers: "correct", "equals 12, target 24"
};

/// Options that every reward has.
struct RewardConfig {
  std::string kind;
  std::string name;
  double weight = 1.0;
  std::vector<std::string> tasks = {};

  template <class V>
  static void visit(V& v) {
    v(&RewardConfig::kind, "kind", "what scores", required());
    v(&RewardConfig::name, "name", "name in metrics and samples; the kind if empty");
    v(&RewardConfig::weight, "weight", "factor in the sum of the rewards");
    v(&RewardConfig::tasks, "tasks", "parts of a mixture that it scores; all if empty");
  }
};

/// Scores one sample. Implementations are deterministic in their input, stop in time linear in the
/// completion, do not throw on any completion, and may be called from several threads at once.
class Reward {
 public:
  virtual ~Reward() = default;

  virtual RewardResult score(const RewardInput& input) const = 0;

  /// One result an input, in their order: what `score` says of each. Rewards that ask the judge ask
  /// for all at once, which is much faster.
  virtual std::vector<RewardResult> score_all(std::span<const RewardInput> inputs) const;

  /// The same, but asks about those inputs only that are of this reward's tasks; the others have no
  /// value and the reason "not for this task".
  std::vector<RewardResult> score_applicable(std::span<const RewardInput> inputs) const;

  /// Whether this reward scores problems of the part `task` of a mixture.
  bool applies_to(std::string_view task) const;

  /// Whether it scores problems of these columns: `applies_to` what stands in `task`, or an empty
  /// name without that column.
  bool applies(const nlohmann::json& columns) const;

  /// Grades the gold of each row against itself: a result without a value, or of another value than
  /// 1, says that the row cannot be used, and `reason` says why. Empty if this kind has no golds
  /// that could be unreadable.
  virtual std::vector<RewardResult> check_golds(
      std::span<const nlohmann::json* const> columns) const;

  /// True if scoring waits for other processes, so that it should not hold up who samples.
  virtual bool waits() const { return false; }

  /// True if the reward reads the length of the completion; reports print which rewards do.
  virtual bool is_length_term() const { return false; }

  /// Name in metrics and samples; the kind unless the recipe names it.
  const std::string& name() const { return name_; }

  /// Factor of this reward in the sum over rewards.
  double weight() const { return weight_; }

 protected:
  explicit Reward(const RewardConfig& config)
      : name_(config.name.empty() ? config.kind : config.name),
        weight_(config.weight),
        tasks_(config.tasks) {}

 private:
  std::string name_;
  double weight_;
  std::vector<std::string> tasks_;  // empty: all
};

/// Makes the reward that `config` describes: an object with `kind` (docs/rewards.md lists them),
/// `name`, `weight` and the options of its kind. `pointer` and
/// `file` say where it was read. Throws `invalid_argument` that lists every wrong key.
std::unique_ptr<Reward> make_reward(const nlohmann::json& config, const std::string& pointer,
                                    const std::string& file = "recipe",
                                    const RewardServices& services = {});

/// Every kind that `make_reward` knows, by name.
std::vector<std::string> reward_kinds();

}  // namespace reckon::rewards
