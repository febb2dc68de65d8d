#pragma once

#include <string>
#include <vector>

#include "policy/tokenizer.h"
#include "tasks/task.h"

namespace reckon::rl {

/// Where a stage stands in the problems that it is trained on.
struct ProblemCursor {
  uint64_t next = 0;    ///< number of the next training problem
  int64_t dropped = 0;  ///< prompts that were too long, in this run of the program
};

/// The next `count` problems whose prompts have at most `max_prompt_length` tokens; the first
/// longer one is told with the name of `stage`. Throws `invalid_argument` if there are none for
/// very long.
std::vector<tasks::Problem> next_problems(const tasks::ProblemSource& source,
                                          const policy::Tokenizer& tokenizer,
                                          int64_t max_prompt_length, int64_t count,
                                          const std::string& stage, ProblemCursor& cursor);

}  // namespace reckon::rl
