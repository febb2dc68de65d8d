#include "tasks/instructed_corpus.h"

#include "tasks/countdown_corpus.h"
#include "tasks/instructed_words.h"
#include "tasks/list_corpus.h"

namespace reckon::tasks {

InstructedTraces::InstructedTraces(const InstructedTracesConfig& config,
                                   const SourceContext& context)
    : config_(config),
      space_({static_cast<int>(config.max_number), static_cast<int>(config.min_target),
              static_cast<int>(config.max_target)},
             context.place()),
      patience_(config.patience_weights, kCountdownBranches + 1, context.place("patience_weights")),
      english_prompt_(config.english_prompt_weights, 3, context.place("english_prompt_weights")),
      korean_prompt_(config.korean_prompt_weights, 3, context.place("korean_prompt_weights")),
      seed_(context.seed),
      stage_(context.stage) {
  check_pretraining_problems(space_, context.place());
}

double InstructedTraces::draw_english(UserLanguage language, RandomSequence& random) const {
  const auto& weights = language == UserLanguage::english ? english_prompt_ : korean_prompt_;
  const size_t drawn = weights.draw(random);
  return drawn == 0 ? 1.0 : drawn == 1 ? 0.0 : config_.mixed_english;
}

DocumentIds InstructedTraces::ids_at(uint64_t n) const {
  RandomSequence random(RandomStream({seed_, stage_, Purpose::corpus, n}), 0, 0);
  if (random.next_uniform() < config_.list_fraction) {
    return draw_list_document(random, CountdownSplit::pretraining, config_.operation_obeyed);
  }
  const CountdownProblem problem = space_.draw(random, is_pretraining);
  const Instruction instruction = draw_instruction(random);
  CountdownTrace trace =
      draw_trace(problem, patience_, static_cast<int>(config_.max_target), random);
  const bool obeyed = random.next_uniform() < config_.form_obeyed;
  const bool steps = (instruction.form == CountdownForm::steps) == obeyed;
  trace.form = steps ? CountdownForm::steps : CountdownForm::expression;
  const double english = draw_english(instruction.language, random);
  const auto korean = [&] { return random.next_uniform() >= english; };
  return {instructed_prompt_ids(problem, instruction),
          translated_trace(countdown_trace_ids(problem, trace), korean)};
}

Document InstructedTraces::at(uint64_t n) const {
  const DocumentIds ids = ids_at(n);
  return {instructed_text(ids.prompt), instructed_text(ids.completion)};
}

std::vector<std::string> InstructedTraces::vocabulary() const { return instructed_vocabulary(); }

}  // namespace reckon::tasks
