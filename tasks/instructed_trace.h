#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "tasks/countdown_trace.h"

namespace reckon::tasks {

/// The language that a user speaks.
enum class UserLanguage { english, korean };

/// "en" or "ko".
std::string_view language_code(UserLanguage language);

/// The id of `<en>` or `<ko>`.
int32_t language_id(UserLanguage language);

/// What the user asks of an answer, beside the problem.
struct Instruction {
  UserLanguage language = UserLanguage::english;
  CountdownForm form = CountdownForm::expression;
};

/// "expr" or "steps".
std::string_view form_name(CountdownForm form);

/// The instruction of a held-out problem: by a hash of the problem, so that it is the same in every
/// run. All four are equally likely.
Instruction held_out_instruction(const CountdownProblem& problem);

/// Draws one of the four with equal chances.
Instruction draw_instruction(RandomSequence& random);

/// The ids of `<bos> LANGUAGE FORM a b c target T`.
std::vector<int32_t> instructed_prompt_ids(const CountdownProblem& problem,
                                           const Instruction& instruction);

/// Translates the words of an English search, each for which `korean()` says so; it is asked once
/// for each of them, in their order. Everything else stays.
std::vector<int32_t> translated_trace(std::vector<int32_t> ids,
                                      const std::function<bool()>& korean);

}  // namespace reckon::tasks
