#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rewards/reward.h"

namespace reckon::rewards {

/// How cases are read.
struct GradeOptions {
  std::string source = "standard input";   ///< name of the input in messages
  size_t window = 256;                     ///< cases that are scored together
  size_t window_bytes = size_t{64} << 20;  ///< a window ends when its lines are longer than this
  int64_t max_tokens = 0;  ///< limit of length of the cases that do not name one; 0: none
};

/// What became of the lines.
struct GradeCounts {
  uint64_t graded = 0;
  uint64_t bad = 0;  ///< lines that are no case
};

/// Scores the cases of `in`, one JSON object a line, and writes one line for each to `out`, in
/// their order: {"score", "extracted", "gold", "reason"}, `score` null where there is none. Blank
/// lines are skipped; memory is that of one window.
///
/// A case holds `completion`, or a bare `answer` (a text or a number) from which nothing is to be
/// extracted; beside it what the reward reads from a row (`gold`, `answer`, `nums`, ...), and, if
/// it matters, `prompt`, `truncated`, `num_tokens` and `max_tokens`. A line that is no case gets
/// score null and the reason "bad_line", and a message with its number on `problems`; the others
/// are still graded. Throws what the reward throws where the machinery fails.
GradeCounts grade_cases(const Reward& reward, std::istream& in, std::ostream& out,
                        std::ostream& problems, const GradeOptions& options = {});

/// The same for several rewards: {"score", "rewards"}, where `rewards` holds the verdict of each by
/// its name, and `score` is the sum of their scores times their weights; those without one are left
/// out, and it is null if none has one.
GradeCounts grade_cases(std::span<const std::unique_ptr<Reward>> rewards, std::istream& in,
                        std::ostream& out, std::ostream& problems,
                        const GradeOptions& options = {});

}  // namespace reckon::rewards
