#include "tasks/instructed_trace.h"

#include <fmt/format.h>

#include "core/hash.h"
#include "tasks/instructed_words.h"

namespace reckon::tasks {

std::string_view language_code(UserLanguage language) {
  return language == UserLanguage::english ? "en" : "ko";
}

int32_t language_id(UserLanguage language) {
  return language == UserLanguage::english ? word_english : word_korean;
}

std::string_view form_name(CountdownForm form) {
  return form == CountdownForm::expression ? "expr" : "steps";
}

Instruction held_out_instruction(const CountdownProblem& problem) {
  const uint64_t hash = mix64(fnv1a("instruction " + countdown_prompt(problem)));
  return {(hash & 1) == 0 ? UserLanguage::english : UserLanguage::korean,
          (hash & 2) == 0 ? CountdownForm::expression : CountdownForm::steps};
}

Instruction draw_instruction(RandomSequence& random) {
  const uint32_t drawn = random.next_below(4);
  return {(drawn & 1) == 0 ? UserLanguage::english : UserLanguage::korean,
          (drawn & 2) == 0 ? CountdownForm::expression : CountdownForm::steps};
}

std::vector<int32_t> instructed_prompt_ids(const CountdownProblem& problem,
                                           const Instruction& instruction) {
  std::vector<int32_t> ids = countdown_prompt_ids(problem);
  const bool steps = instruction.form == CountdownForm::steps;
  ids.insert(ids.begin() + 1, {language_id(instruction.language),
                               steps ? int32_t{word_steps} : int32_t{word_expression}});
  return ids;
}

std::vector<int32_t> translated_trace(std::vector<int32_t> ids,
                                      const std::function<bool()>& korean) {
  for (int32_t& id : ids) {
    if (is_english_trace_word(id) && korean()) id = korean_id(id);
  }
  return ids;
}

}  // namespace reckon::tasks
