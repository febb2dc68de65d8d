#include "tasks/countdown_corpus.h"

#include <algorithm>

#include "core/error.h"

namespace reckon::tasks {

bool is_pretraining(const CountdownProblem& problem) {
  return countdown_split(problem) == CountdownSplit::pretraining;
}

CountdownTrace draw_trace(const CountdownProblem& problem, const WeightedChoice& patience,
                          int max_target, RandomSequence& random) {
  CountdownTrace trace;
  trace.patience = static_cast<int>(patience.draw(random));
  const std::vector<CountdownLeaf> solutions = countdown_solutions(problem);
  trace.fallback = solutions[random.next_below(static_cast<uint32_t>(solutions.size()))];
  trace.max_target = max_target;
  return trace;
}

void check_pretraining_problems(const CountdownSpace& space, const std::string& place) {
  const std::vector<CountdownProblem> problems = space.problems();
  check(std::any_of(problems.begin(), problems.end(), is_pretraining), ErrorCode::invalid_argument,
        "expected ranges that leave pretraining problems, got none, in {}", place);
}

CountdownTraces::CountdownTraces(const CountdownTracesConfig& config, const SourceContext& context)
    : range_{static_cast<int>(config.max_number), static_cast<int>(config.min_target),
             static_cast<int>(config.max_target)},
      space_(range_, context.place()),
      patience_(config.patience_weights, kCountdownBranches + 1, context.place("patience_weights")),
      seed_(context.seed),
      stage_(context.stage) {
  check_pretraining_problems(space_, context.place());
}

DocumentIds CountdownTraces::ids_at(uint64_t n) const {
  RandomSequence random(RandomStream({seed_, stage_, Purpose::corpus, n}), 0, 0);
  const CountdownProblem problem = space_.draw(random, is_pretraining);
  const CountdownTrace trace = draw_trace(problem, patience_, range_.max_target, random);
  return {countdown_prompt_ids(problem), countdown_trace_ids(problem, trace)};
}

Document CountdownTraces::at(uint64_t n) const {
  const DocumentIds ids = ids_at(n);
  return {countdown_text(ids.prompt), countdown_text(ids.completion)};
}

std::vector<std::string> CountdownTraces::vocabulary() const { return countdown_vocabulary(); }

}  // namespace reckon::tasks
