#pragma once

#include <atomic>

#include "rewards/judge/external_options.h"
#include "rewards/judge_reward.h"

namespace reckon::rewards {

/// Options of `{"kind": "external"}`.
struct ExternalConfig : JudgeConfig, ExternalOptions {
  int batch_size = 16;
  int max_failures = 20;

  template <class V>
  static void visit(V& v) {
    JudgeConfig::visit(v);
    ExternalOptions::visit(v);
    v(&ExternalConfig::batch_size, "batch_size", "most completions in one request", at_least(1));
    v(&ExternalConfig::max_failures, "max_failures",
      "requests in a row without a valid answer that end the run", at_least(1));
  }
};

/// What a program of the user's says: docs/external-graders.md. No value where the program says so,
/// or where it failed; then `reason` says how. Thread-safe.
class ExternalReward : public JudgeReward {
 public:
  ExternalReward(const ExternalConfig& config, const RewardServices& services);

  /// Throws Error(unsupported) if the program cannot be started or fails again and again.
  std::vector<RewardResult> score_all(std::span<const RewardInput> inputs) const override;

 protected:
  nlohmann::json request(const RewardInput& input) const override;

 private:
  nlohmann::json batch_request(std::span<const RewardInput> inputs) const;
  void count_failure(const nlohmann::json& answer) const;

  ExternalConfig config_;
  mutable std::atomic<int> failures_{0};  // in a row
};

}  // namespace reckon::rewards
