#include "rl/next_problems.h"

#include "core/error.h"
#include "core/log.h"

namespace reckon::rl {

std::vector<tasks::Problem> next_problems(const tasks::ProblemSource& source,
                                          const policy::Tokenizer& tokenizer,
                                          int64_t max_prompt_length, int64_t count,
                                          const std::string& stage, ProblemCursor& cursor) {
  constexpr int64_t kMostSkipped = 1'000'000;
  std::vector<tasks::Problem> problems;
  for (int64_t skipped = 0; std::ssize(problems) < count;) {
    auto problem = source.at(cursor.next++);
    const auto length = tokenizer.encode(problem.prompt).size();
    if (static_cast<int64_t>(length) <= max_prompt_length) {
      problems.push_back(std::move(problem));
      continue;
    }
    if (cursor.dropped++ == 0) {
      log_warning("{}: a prompt of {} tokens is over max_prompt_length {} and left out", stage,
                  length, max_prompt_length);
    }
    check(++skipped < kMostSkipped, ErrorCode::invalid_argument,
          "expected prompts of at most {} tokens, got none, in stage {}", max_prompt_length, stage);
  }
  return problems;
}

}  // namespace reckon::rl
