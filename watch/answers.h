#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "watch/run_folder.h"

namespace reckon::watch {

/// One answer and how the group it belongs to did.
struct Answer {
  std::string stage;
  int64_t step = 0;
  Completion completion;
  int64_t group_size = 0;
  int64_t group_correct = 0;
  double group_mean_length = 0.0;  ///< tokens
};

/// An answer from the first step beside one from the last.
struct AnswerPair {
  std::string difficulty;  ///< of both; empty where unknown or not the same
  bool same_prompt = false;
  std::optional<Answer> before;
  std::optional<Answer> after;
};

/// Pairs answers of the first and last reinforcement learning step by a fixed rule: sample 0 of
/// each group in file order, the same prompt where both steps have it, else the same difficulty
/// (easy, medium, hard in turn), else the same place. At most `max_pairs`. Where the run has only
/// one step on record, the pairs have no `after`. Throws `io` where the file cannot be read.
std::vector<AnswerPair> choose_answers(const RunFolder& run, size_t max_pairs);

}  // namespace reckon::watch
