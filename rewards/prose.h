#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rewards/script.h"

namespace reckon::rewards {

/// `text` with one blank in place of each part that is written in no language: fenced code and code
/// in backticks, mathematics in `$...$`, `$$...$$`, `\(...\)` and `\[...\]`, LaTeX commands, tags
/// such as `<think>` and `<|end|>`, and addresses. A mark that is never closed stays a character. A
/// dollar sign opens mathematics as in Markdown: no blank follows it, none stands before the
/// closing one, and no digit follows that ("$5 and $6" is money). Linear.
std::string without_formulas(std::string_view text);

/// A word of a text.
struct ProseWord {
  std::string folded;  ///< without capitals; compatibility forms resolved
  Script script = Script::none;
  bool mixed = false;   ///< letters of several scripts that look alike: a disguise
  int64_t letters = 0;  ///< characters, marks not counted
  int64_t weight = 0;   ///< how many words it counts as
};

/// What stands between full stops, colons, line ends and the like.
using Sentence = std::vector<ProseWord>;

/// The words of a text, by sentence; sentences without words are left out. Left out too are single
/// letters of Latin and Greek (names of variables) and words with digits or underscores. Where a
/// script is written without blanks a run of n of its characters counts as n / k words, rounded up,
/// k as in `characters_per_word`. Bytes that are not UTF-8 end a word. Linear.
std::vector<Sentence> split_prose(std::string_view text);

/// The form in which words are compared.
std::string folded_word(std::string_view word);

}  // namespace reckon::rewards
