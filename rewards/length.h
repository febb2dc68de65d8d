#pragma once

#include <cstdint>
#include <memory>

#include "rewards/reward.h"

namespace reckon::rewards {

/// Options that the rewards for lengths of right and wrong answers share.
struct LengthConfig : RewardConfig {
  JsonValue accuracy;
  int64_t max_len = 0;

  template <class V>
  static void visit(V& v) {
    RewardConfig::visit(v);
    v(&LengthConfig::accuracy, "accuracy", "the reward that says what is right (value 1)",
      required());
    v(&LengthConfig::max_len, "max_len", "tokens of the longest completion; 0: the run's limit",
      at_least(0));
  }
};

/// Options of `{"kind": "cosine"}`.
struct CosineConfig : LengthConfig {
  double min_value_wrong = -1.0;
  double max_value_wrong = -0.5;
  double min_value_correct = 0.5;
  double max_value_correct = 1.0;

  template <class V>
  static void visit(V& v) {
    LengthConfig::visit(v);
    v(&CosineConfig::min_value_wrong, "min_value_wrong", "of the shortest wrong answer");
    v(&CosineConfig::max_value_wrong, "max_value_wrong", "of the longest wrong answer");
    v(&CosineConfig::min_value_correct, "min_value_correct", "of the longest right answer");
    v(&CosineConfig::max_value_correct, "max_value_correct", "of the shortest right answer");
  }
};

/// A point of half a cosine wave: `first` at `progress` 0, `last` at 1, flat at both ends.
/// `progress` is cut to 0 ... 1.
double half_cosine(double progress, double first, double last);

/// A value that depends on the length of a completion and on whether another reward finds it right.
/// None where that reward gives none, and where no limit of length is known.
class LengthBasedReward : public Reward {
 public:
  RewardResult score(const RewardInput& input) const final;
  std::vector<RewardResult> score_all(std::span<const RewardInput> inputs) const final;
  std::vector<RewardResult> check_golds(std::span<const nlohmann::json* const> columns) const final;
  bool is_length_term() const final { return true; }
  bool waits() const final { return accuracy_->waits(); }

 protected:
  LengthBasedReward(const LengthConfig& config, std::unique_ptr<Reward> accuracy);

  /// The value at `progress` = length / longest length, from 0 to 1.
  virtual double value(double progress, bool correct) const = 0;

 private:
  RewardResult with_length(RewardResult accuracy, const RewardInput& input) const;

  std::unique_ptr<Reward> accuracy_;
  int64_t max_len_;
};

/// Pays right answers more the shorter they are and wrong ones more the longer they are (Yeo et
/// al., arXiv 2502.03373).
class CosineReward : public LengthBasedReward {
 public:
  CosineReward(const CosineConfig& config, std::unique_ptr<Reward> accuracy);

 protected:
  double value(double progress, bool correct) const override;

 private:
  double short_wrong_;
  double long_wrong_;
  double short_correct_;
  double long_correct_;
};

/// From 0.5 for an answer of no length to -0.5 for the longest, and never above 0 for a wrong one
/// (Kimi k1.5, arXiv 2501.12599, section 2.3.3, with lengths taken from 0 to the limit, not from
/// the shortest to the longest sample of the group: a value then depends on its sample only).
class LengthReward : public LengthBasedReward {
 public:
  LengthReward(const LengthConfig& config, std::unique_ptr<Reward> accuracy);

 protected:
  double value(double progress, bool correct) const override;
};

}  // namespace reckon::rewards
