#include "tasks/instructed_words.h"

#include <algorithm>

#include "core/error.h"
#include "tasks/countdown_trace.h"

namespace reckon::tasks {

namespace {

constexpr std::array<TraceWord, 5> kTraceWords = {{
    {"wait", "잠깐", word_wait, word_korean_wait},
    {"low", "작다", word_low, word_korean_low},
    {"high", "크다", word_high, word_korean_high},
    {"yes", "맞다", word_yes, word_korean_yes},
    {"big", "초과", word_big, word_korean_big},
}};

constexpr std::array<std::string_view, 6> kInstructions = {"<en>",    "<ko>",   "<expr>",
                                                           "<steps>", "<sort>", "<rev>"};

}  // namespace

std::span<const TraceWord> trace_words() { return kTraceWords; }

int32_t korean_id(int32_t id) {
  const auto found = std::ranges::find(kTraceWords, id, &TraceWord::english_id);
  return found == kTraceWords.end() ? id : found->korean_id;
}

bool is_english_trace_word(int32_t id) {
  return std::ranges::find(kTraceWords, id, &TraceWord::english_id) != kTraceWords.end();
}

std::vector<std::string> instructed_vocabulary() {
  std::vector<std::string> words = countdown_vocabulary();
  words.insert(words.end(), kInstructions.begin(), kInstructions.end());
  for (const TraceWord& word : kTraceWords) words.emplace_back(word.korean);
  return words;
}

std::string instructed_text(std::span<const int32_t> ids) {
  std::string text;
  for (const int32_t id : ids) {
    check(id >= 0 && id < word_instructed_end, ErrorCode::invalid_argument,
          "expected ids below {}, got {}", int32_t{word_instructed_end}, id);
    if (!text.empty()) text += ' ';
    if (id < word_zero) {
      text += kCountdownMarks[static_cast<size_t>(id)];
    } else if (id < word_english) {
      text += std::to_string(id - word_zero);
    } else if (id < word_korean_wait) {
      text += kInstructions[static_cast<size_t>(id - word_english)];
    } else {
      text += kTraceWords[static_cast<size_t>(id - word_korean_wait)].korean;
    }
  }
  return text;
}

}  // namespace reckon::tasks
