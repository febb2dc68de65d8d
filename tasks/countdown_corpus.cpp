#include "tasks/countdown_corpus.h"

#include <algorithm>

#include "core/error.h"
#include "tasks/countdown_trace.h"

namespace reckon::tasks {

namespace {

bool is_pretraining(const CountdownProblem& problem) {
  return countdown_split(problem) == CountdownSplit::pretraining;
}

}  // namespace

CountdownTraces::CountdownTraces(const CountdownTracesConfig& config, const SourceContext& context)
    : range_{static_cast<int>(config.max_number), static_cast<int>(config.min_target),
             static_cast<int>(config.max_target)},
      space_(range_, context.place()),
      seed_(context.seed),
      stage_(context.stage) {
  double sum = 0;
  for (const double weight : config.patience_weights) {
    check(weight >= 0, ErrorCode::invalid_argument, "expected weights of at least 0, got {}, in {}",
          weight, context.place("patience_weights"));
    patience_sums_.push_back(sum += weight);
  }
  check(patience_sums_.size() == kCountdownBranches + 1 && sum > 0, ErrorCode::invalid_argument,
        "expected {} weights with a positive sum, got {} with the sum {}, in {}",
        kCountdownBranches + 1, patience_sums_.size(), sum, context.place("patience_weights"));
  const std::vector<CountdownProblem> problems = space_.problems();
  check(std::any_of(problems.begin(), problems.end(), is_pretraining), ErrorCode::invalid_argument,
        "expected ranges that leave pretraining problems, got none, in {}", context.place());
}

int CountdownTraces::draw_patience(RandomSequence& random) const {
  const double drawn = random.next_uniform() * patience_sums_.back();
  const auto found = std::upper_bound(patience_sums_.begin(), patience_sums_.end(), drawn);
  return static_cast<int>(found - patience_sums_.begin());
}

DocumentIds CountdownTraces::ids_at(uint64_t n) const {
  RandomSequence random(RandomStream({seed_, stage_, Purpose::corpus, n}), 0, 0);
  const CountdownProblem problem = space_.draw(random, is_pretraining);
  CountdownTrace trace;
  trace.patience = draw_patience(random);
  const std::vector<CountdownLeaf> solutions = countdown_solutions(problem);
  trace.fallback = solutions[random.next_below(static_cast<uint32_t>(solutions.size()))];
  trace.max_target = range_.max_target;
  return {countdown_prompt_ids(problem), countdown_trace_ids(problem, trace)};
}

Document CountdownTraces::at(uint64_t n) const {
  const DocumentIds ids = ids_at(n);
  return {countdown_text(ids.prompt), countdown_text(ids.completion)};
}

std::vector<std::string> CountdownTraces::vocabulary() const { return countdown_vocabulary(); }

}  // namespace reckon::tasks
