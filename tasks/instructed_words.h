#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/countdown_words.h"

namespace reckon::tasks {

/// The words that instructions and a second language add to those of Countdown; the value is the
/// id.
enum InstructedWord : int32_t {
  word_english = kCountdownVocabularySize,
  word_korean,
  word_expression,
  word_steps,
  word_sort,
  word_reverse,
  word_korean_wait,
  word_korean_low,
  word_korean_high,
  word_korean_yes,
  word_korean_big,
  word_instructed_end  // not a word: how many there are
};

/// A word of the search in both languages. Numbers, signs and tags belong to no language.
struct TraceWord {
  std::string_view english;
  std::string_view korean;
  int32_t english_id;
  int32_t korean_id;
};

/// The five words that tell the language of a search: wait, low, high, yes, big.
std::span<const TraceWord> trace_words();

/// The Korean id of an English word of the search; the id itself if it is none.
int32_t korean_id(int32_t id);

/// Whether `id` is one of the five words in English.
bool is_english_trace_word(int32_t id);

/// The 181 words of instructed texts in the order of their ids: those of `countdown_vocabulary()`,
/// then `<en> <ko> <expr> <steps> <sort> <rev>` and the five Korean words.
std::vector<std::string> instructed_vocabulary();

/// Joins the words of `ids` with single spaces. Ids must be below the size of the vocabulary.
std::string instructed_text(std::span<const int32_t> ids);

}  // namespace reckon::tasks
