#include <algorithm>
#include <charconv>
#include <optional>

#include "core/text.h"
#include "tasks/countdown_trace.h"
#include "tasks/instructed_words.h"

namespace reckon::tasks {

namespace {

using Words = std::span<const std::string_view>;

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  for (auto word = next_word(text); !word.empty(); word = next_word(text)) words.push_back(word);
  return words;
}

/// Whether a word is `meant` of the search, in either language.
bool is_trace_word(std::string_view word, int32_t meant) {
  const auto found = std::ranges::find(trace_words(), meant, &TraceWord::english_id);
  return word == found->english || word == found->korean;
}

bool is_wait(std::string_view word) { return is_trace_word(word, word_wait); }
bool is_yes(std::string_view word) { return is_trace_word(word, word_yes); }

/// The words between two tags; from the first word if `open` is missing, to the last if `close` is.
Words between(Words words, std::string_view open, std::string_view close) {
  const auto begin = std::find(words.begin(), words.end(), open);
  const auto from = begin == words.end() ? words.begin() : begin + 1;
  return {from, std::find(from, words.end(), close)};
}

std::optional<int> read_number(std::string_view word) {
  int value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  // Larger values than this are no numbers of the vocabulary, and their products would overflow.
  if (error != std::errc() || end != word.data() + word.size() || value < 0 || value > 999) {
    return std::nullopt;
  }
  return value;
}

/// `l op r`, computed; nothing if it is not that.
std::optional<CountdownOperation> read_terms(Words words) {
  if (words.size() != 3) return std::nullopt;
  const auto left = read_number(words[0]);
  const auto right = read_number(words[2]);
  if (!left || !right) return std::nullopt;
  if (words[1] == "+") return CountdownOperation{*left, '+', *right, *left + *right};
  if (words[1] == "-") return CountdownOperation{*left, '-', *right, *left - *right};
  if (words[1] == "*") return CountdownOperation{*left, '*', *right, *left * *right};
  return std::nullopt;
}

/// `l op r = v` with the right v.
std::optional<CountdownOperation> read_equation(Words words) {
  if (words.size() != 5 || words[3] != "=") return std::nullopt;
  const auto operation = read_terms(words.first(3));
  if (!operation || read_number(words[4]) != operation->value) return std::nullopt;
  return operation;
}

/// The number that `head` leaves over; nothing if it does not use two of the numbers.
std::optional<int> left_over(const CountdownOperation& head, const std::array<int, 3>& numbers) {
  std::vector<int> rest(numbers.begin(), numbers.end());
  for (const int used : {head.left, head.right}) {
    const auto found = std::find(rest.begin(), rest.end(), used);
    if (found == rest.end()) return std::nullopt;
    rest.erase(found);
  }
  return rest.front();
}

/// Whether words begin with a branch and end with a true leaf of it that is the target.
bool reaches_target(Words branch, const std::array<int, 3>& numbers, int target) {
  if (branch.size() < 10) return false;
  const auto head = read_equation(branch.first(5));
  const auto leaf = read_equation(branch.last(5));
  if (!head || !leaf || leaf->value != target) return false;
  const auto rest = left_over(*head, numbers);
  return rest && ((leaf->left == head->value && leaf->right == *rest) ||
                  (leaf->left == *rest && leaf->right == head->value));
}

/// Whether the answer has one of the forms of the corpora and solves the problem.
bool is_right_answer(Words answer, const std::array<int, 3>& numbers, int target) {
  if (answer.size() == 10) return reaches_target(answer, numbers, target);
  if (answer.size() != 7) return false;
  const bool reversed = answer[0] != "(";
  const Words group = reversed ? answer.subspan(2) : answer.first(5);
  if (group.front() != "(" || group.back() != ")") return false;
  const auto head = read_terms(group.subspan(1, 3));
  const auto rest = read_number(reversed ? answer[0] : answer[6]);
  const std::string_view sign = reversed ? answer[1] : answer[5];
  if (!head || !rest || left_over(*head, numbers) != rest) return false;
  if (sign == "+") return head->value + *rest == target;
  if (sign == "*") return head->value * *rest == target;
  if (sign != "-") return false;
  return (reversed ? *rest - head->value : head->value - *rest) == target;
}

}  // namespace

TraceReport read_trace(std::string_view completion, const std::array<int, 3>& numbers, int target) {
  const std::vector<std::string_view> words = split_words(completion);
  const Words thought = between(words, "<think>", "</think>");

  TraceReport report;
  report.waits = static_cast<int>(std::ranges::count_if(words, is_wait));
  size_t branch = 0;  // where the branch in hand begins
  for (size_t i = 0; i < thought.size(); ++i) {
    if (is_wait(thought[i])) {
      branch = i + 1;
      continue;
    }
    if (i == branch) ++report.branches;
    if (!is_yes(thought[i])) continue;
    report.mode = TraceReport::found;
    report.false_yes |= !reaches_target(thought.subspan(branch, i - branch), numbers, target);
  }
  if (report.mode == TraceReport::found) {
    const Words answer = between(words, "<answer>", "</answer>");
    report.false_yes |= !is_right_answer(answer, numbers, target);
  } else if (thought.empty() && std::find(words.begin(), words.end(), "</think>") != words.end()) {
    report.mode = TraceReport::direct;
  }
  return report;
}

}  // namespace reckon::tasks
