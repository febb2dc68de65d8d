#include "rewards/random.h"

#include "core/philox.h"

namespace reckon::rewards {

RandomReward::RandomReward(const RandomConfig& config)
    : Reward(config), probability_(config.probability) {}

RewardResult RandomReward::score(const RewardInput& input) const {
  const SampleAddress& at = input.address;
  const RandomStream stream({at.seed, at.stage, Purpose::reward, at.step});
  const bool heads = stream.uniform(0, at.sample, at.prompt) < probability_;
  return {heads ? 1.0 : 0.0, "", "", heads ? "heads" : "tails"};
}

}  // namespace reckon::rewards
