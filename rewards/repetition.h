#pragma once

#include <cstdint>
#include <string_view>

#include "rewards/reward.h"

namespace reckon::rewards {

/// Options of `{"kind": "repetition"}`.
struct RepetitionConfig : RewardConfig {
  int64_t ngram_size = 3;
  double max_penalty = -1.0;

  template <class V>
  static void visit(V& v) {
    RewardConfig::visit(v);
    v(&RepetitionConfig::ngram_size, "ngram_size", "words that are compared together",
      between(1, 64));
    v(&RepetitionConfig::max_penalty, "max_penalty", "value where every n-gram is a repeat",
      at_most(0));
  }
};

/// The share of the runs of `size` words that stood in the text before: 1 - different / all; 0 for
/// a text that is shorter. Words are what blanks separate, capitals of ASCII folded; where a
/// script is written without blanks (Han, kana, Thai, Lao, Khmer, Burmese), each character is one.
double repeated_share(std::string_view text, int64_t size);

/// `max_penalty` times the share of repeated n-grams (Yeo et al., arXiv 2502.03373, as TRL has it).
/// Counts as a length term, since every text repeats more the longer it gets: it is never what says
/// that an answer is right.
class RepetitionReward : public Reward {
 public:
  explicit RepetitionReward(const RepetitionConfig& config);

  RewardResult score(const RewardInput& input) const override;
  bool is_length_term() const override { return true; }

 private:
  int64_t ngram_size_;
  double max_penalty_;
};

}  // namespace reckon::rewards
