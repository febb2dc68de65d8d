#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rewards/format.h"
#include "rewards/reward.h"

namespace reckon::rewards {

/// One person of a puzzle.
struct Islander {
  std::string name;
  bool is_knight = false;

  bool operator==(const Islander&) const = default;
};

/// What an answer says.
struct KnightsKnavesAnswer {
  /// What it says of each person, in the order of the names; empty if it cannot be read.
  std::vector<Islander> people;
  std::string problem;  ///< "names Zoey twice", "unknown word maybe"; empty if it was read
};

/// Reads who is a knight and who a knave: `(1) Amelia is a knight`, `Amelia: knight`, `Amelia and
/// Zoey are knights`, with signs, numbers and markup between. Each name must stand exactly once,
/// and no word but names, knights, knaves and a few that only join them: "not", "or" and "maybe"
/// could turn what is said. Letters may be of either case. Linear in the answer.
KnightsKnavesAnswer read_knights_knaves(std::string_view answer,
                                        const std::vector<std::string>& names);

/// Options of `{"kind": "knights_knaves"}`.
struct KnightsKnavesConfig : TagConfig {
  bool partial = false;

  template <class V>
  static void visit(V& v) {
    TagConfig::visit(v);
    v(&KnightsKnavesConfig::partial, "partial",
      "pay the share of people who are named rightly, not only the whole answer");
  }
};

/// 1 if the completion has thought and answer in the asked form and the answer says rightly of each
/// person what they are, else 0. The truth is in the columns `names` and `is_knight`, else in the
/// text of `gold`, `answer` or `solution`. No value if it cannot be read.
class KnightsKnavesReward : public Reward {
 public:
  explicit KnightsKnavesReward(const KnightsKnavesConfig& config);

  RewardResult score(const RewardInput& input) const override;

 private:
  ThinkAnswerRules rules_;
  std::string end_token_;
  bool partial_;
};

}  // namespace reckon::rewards
