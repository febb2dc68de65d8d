#include "tasks/list_corpus.h"

#include "tasks/instructed_words.h"

namespace reckon::tasks {

DocumentIds draw_list_document(RandomSequence& random, CountdownSplit split, double obeyed) {
  const ListProblem problem = draw_list_problem(random, split);
  ListOperation done = problem.operation;
  if (random.next_uniform() >= obeyed) {
    done = done == ListOperation::sort ? ListOperation::reverse : ListOperation::sort;
  }
  return {list_prompt_ids(problem), list_answer_ids(operated(problem.list, done))};
}

ListCorpus::ListCorpus(const ListCorpusConfig& config, const SourceContext& context)
    : split_(config.split == "rl" ? CountdownSplit::rl : CountdownSplit::pretraining),
      obeyed_(config.operation_obeyed),
      seed_(context.seed),
      stage_(context.stage) {}

DocumentIds ListCorpus::ids_at(uint64_t n) const {
  RandomSequence random(RandomStream({seed_, stage_, Purpose::corpus, n}), 0, 0);
  return draw_list_document(random, split_, obeyed_);
}

Document ListCorpus::at(uint64_t n) const {
  const DocumentIds ids = ids_at(n);
  return {instructed_text(ids.prompt), instructed_text(ids.completion)};
}

std::vector<std::string> ListCorpus::vocabulary() const { return instructed_vocabulary(); }

}  // namespace reckon::tasks
