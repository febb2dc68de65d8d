#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace reckon::tasks {

/// The words of Countdown texts that are no numbers; the value is the id. The numbers follow.
enum CountdownWord : int32_t {
  word_pad,
  word_bos,
  word_eos,
  word_think,
  word_end_think,
  word_answer,
  word_end_answer,
  word_plus,
  word_minus,
  word_times,
  word_open,
  word_close,
  word_equals,
  word_big,
  word_no,
  word_yes,
  word_wait,
  word_target,
  word_low,
  word_high,
  word_zero
};

/// How they are written, in the order of their ids.
inline constexpr std::array<std::string_view, word_zero> kCountdownMarks = {
    "<pad>", "<bos>", "<eos>", "<think>", "</think>", "<answer>", "</answer>",
    "+",     "-",     "*",     "(",       ")",        "=",        "big",
    "no",    "yes",   "wait",  "target",  "low",      "high"};

/// Numbers are 0 to one less than this.
inline constexpr int kCountdownNumbers = 150;

/// Words of a vocabulary without instructions.
inline constexpr int32_t kCountdownVocabularySize = word_zero + kCountdownNumbers;

/// The id of a number. It must be one of the vocabulary.
constexpr int32_t number_id(int value) { return word_zero + value; }

}  // namespace reckon::tasks
