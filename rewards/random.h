#pragma once

#include "rewards/reward.h"

namespace reckon::rewards {

/// Options of `{"kind": "random"}`.
struct RandomConfig : RewardConfig {
  double probability = 0.5;

  template <class V>
  static void visit(V& v) {
    RewardConfig::visit(v);
    v(&RandomConfig::probability, "probability", "how often the coin says 1",
      reckon::probability());
  }
};

/// A coin that does not look at the completion: the control that shows what learning does without a
/// signal. A pure function of the sample's address.
class RandomReward : public Reward {
 public:
  explicit RandomReward(const RandomConfig& config);

  RewardResult score(const RewardInput& input) const override;

 private:
  double probability_;
};

}  // namespace reckon::rewards
