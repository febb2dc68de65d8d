#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rewards/rational.h"

namespace reckon::rewards {

/// The `\boxed{...}` of a text, braces matched and nested ones counted.
struct BoxedScan {
  int complete = 0;    // boxes that are closed
  int unfinished = 0;  // boxes whose brace is never closed
  /// What the closed box that begins last holds, trimmed; empty if there is none. A view into the
  /// text.
  std::string_view last;
};

/// One pass over `text`. Braces behind a backslash are characters, not groups.
BoxedScan scan_boxed(std::string_view text);

/// Where the final answer of a completion is looked for.
enum class AnswerForm {
  automatic,   // the first of the three that the text holds
  boxed,       // the last closed \boxed{...}
  gsm8k,       // behind the last ####, up to the end of the line
  answer_tag,  // the last <answer>...</answer>
};

/// Text behind the last `</think>`; the whole text if it holds none.
std::string_view after_thought(std::string_view completion);

/// Cuts the marks that end a completion, and the blanks around them: `<|...|>`, `</s>`, `<eos>`.
std::string_view without_end_marks(std::string_view completion);

/// The final answer as it stands in the text, trimmed; nothing if there is none or it is empty. A
/// thought in front of `</think>` is not looked at. Linear in the text.
std::optional<std::string_view> extract_answer(std::string_view completion, AnswerForm form);

/// The number that a text is as a whole: integers with or without thousands separators, decimals,
/// and fractions as `3/4` or `\frac{3}{4}`, all exact. Signs, `$`, `%` and one final period are
/// passed over. Nothing for any other text and for numbers that do not fit a `Rational`.
std::optional<Rational> read_number(std::string_view text);

/// One text for all spellings of an answer: that of the number if it is one, else the text itself,
/// trimmed, with one blank for each run of them.
std::string canonical_answer(std::string_view text);

}  // namespace reckon::rewards
