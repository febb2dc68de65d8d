#pragma once

#include <cstdint>

#include "rewards/reward.h"

namespace reckon::rewards {

/// Options of `{"kind": "overlong"}`.
struct OverlongConfig : RewardConfig {
  int64_t overlong_buffer_len = 1;
  double overlong_penalty_factor = 1.0;

  template <class V>
  static void visit(V& v) {
    RewardConfig::visit(v);
    v(&OverlongConfig::overlong_buffer_len, "overlong_buffer_len",
      "tokens before the limit in which the penalty grows", required(at_least(1)));
    v(&OverlongConfig::overlong_penalty_factor, "overlong_penalty_factor", "penalty at the limit",
      at_least(0));
  }
};

/// The soft overlong penalty of DAPO (arXiv 2503.14476, equation 13), a value from -factor to 0:
/// 0 up to `limit - buffer` tokens, then falling in a straight line to -factor at the limit.
/// `buffer` must be positive.
double overlong_penalty(int64_t num_tokens, int64_t limit, int64_t buffer, double factor);

/// The penalty for the length of the completion against its limit. Does not apply where no limit is
/// given.
class OverlongReward : public Reward {
 public:
  explicit OverlongReward(const OverlongConfig& config);

  RewardResult score(const RewardInput& input) const override;
  bool is_length_term() const override { return true; }

 private:
  int64_t buffer_;
  double factor_;
};

}  // namespace reckon::rewards
