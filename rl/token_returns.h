#pragma once

#include <optional>
#include <span>
#include <vector>

namespace reckon::rl {

/// One completion as REINFORCE++ sees it. The view must outlive the call.
struct ReturnSequence {
  std::optional<double> reward;     ///< none: unscorable, its advantages are 0
  size_t length = 0;                ///< tokens
  std::span<const double> penalty;  ///< of each token: beta times k1; empty: none
  bool in_loss = true;              ///< false: masked, left out of mean and deviation
};

/// Advantages of tokens by REINFORCE++ (2501.03262): the return of a token is the reward minus the
/// penalties from it to the end (discount 1); advantages are the returns less their mean over their
/// deviation + 1e-4, over all loss tokens of the rollout. One list a completion.
std::vector<std::vector<double>> reinforce_pp_advantages(std::span<const ReturnSequence> sequences);

}  // namespace reckon::rl
