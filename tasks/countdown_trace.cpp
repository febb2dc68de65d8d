#include "tasks/countdown_trace.h"

#include <optional>

#include "core/error.h"
#include "tasks/countdown_words.h"

namespace reckon::tasks {

namespace {

int32_t sign_id(char sign) {
  return sign == '+' ? word_plus : sign == '-' ? word_minus : word_times;
}

/// `left sign right`
void append_terms(std::vector<int32_t>& ids, const CountdownOperation& operation) {
  ids.insert(ids.end(),
             {number_id(operation.left), sign_id(operation.sign), number_id(operation.right)});
}

/// `left sign right = value`
void append_equation(std::vector<int32_t>& ids, const CountdownOperation& operation) {
  append_terms(ids, operation);
  ids.insert(ids.end(), {word_equals, number_id(operation.value)});
}

/// `( l op r ) op z`, or `z - ( l op r )` where z is the larger.
void append_expression(std::vector<int32_t>& ids, const CountdownBranch& branch,
                       const CountdownOperation& leaf) {
  const bool reversed = leaf.sign == '-' && branch.rest > branch.head.value;
  if (reversed) ids.insert(ids.end(), {number_id(branch.rest), word_minus});
  ids.push_back(word_open);
  append_terms(ids, branch.head);
  ids.push_back(word_close);
  if (!reversed) ids.insert(ids.end(), {sign_id(leaf.sign), number_id(branch.rest)});
}

void append_answer(std::vector<int32_t>& ids, const CountdownBranch& branch,
                   const CountdownOperation& leaf, CountdownForm form) {
  ids.push_back(word_answer);
  if (form == CountdownForm::steps) {
    append_equation(ids, branch.head);
    append_equation(ids, leaf);
  } else {
    append_expression(ids, branch, leaf);
  }
  ids.push_back(word_end_answer);
}

/// Writes one branch until a leaf equals the target; gives that leaf's place.
std::optional<int> append_branch(std::vector<int32_t>& ids, const CountdownBranch& branch,
                                 int target, int max_target) {
  append_equation(ids, branch.head);
  for (int i = 0; i < 3; ++i) {
    const CountdownOperation& leaf = branch.leaves[static_cast<size_t>(i)];
    append_terms(ids, leaf);
    ids.push_back(word_equals);
    ids.push_back(leaf.value > max_target ? int32_t{word_big} : number_id(leaf.value));
    if (leaf.value == target) {
      ids.push_back(word_yes);
      return i;
    }
    ids.push_back(leaf.value < target ? word_low : word_high);
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> countdown_vocabulary() {
  std::vector<std::string> words(kCountdownMarks.begin(), kCountdownMarks.end());
  for (int value = 0; value < kCountdownNumbers; ++value) words.push_back(std::to_string(value));
  return words;
}

std::vector<int32_t> countdown_prompt_ids(const CountdownProblem& problem) {
  return {word_bos,
          number_id(problem.numbers[0]),
          number_id(problem.numbers[1]),
          number_id(problem.numbers[2]),
          word_target,
          number_id(problem.target)};
}

std::vector<int32_t> countdown_trace_ids(const CountdownProblem& problem,
                                         const CountdownTrace& trace) {
  const auto branches = countdown_branches(problem.numbers);
  CountdownLeaf answer = trace.fallback;
  std::vector<int32_t> ids = {word_think};
  for (int i = 0; i < trace.patience; ++i) {
    if (i > 0) ids.push_back(word_wait);
    const std::optional<int> leaf =
        append_branch(ids, branches[static_cast<size_t>(i)], problem.target, trace.max_target);
    if (leaf) {
      answer = {i, *leaf};
      break;
    }
  }
  ids.push_back(word_end_think);
  const CountdownBranch& branch = branches[static_cast<size_t>(answer.branch)];
  append_answer(ids, branch, branch.leaves[static_cast<size_t>(answer.leaf)], trace.form);
  ids.push_back(word_eos);
  return ids;
}

std::string countdown_text(std::span<const int32_t> ids) {
  std::string text;
  for (const int32_t id : ids) {
    check(id >= 0 && id < kCountdownVocabularySize, ErrorCode::invalid_argument,
          "expected ids below {}, got {}", kCountdownVocabularySize, id);
    if (!text.empty()) text += ' ';
    if (id < word_zero) {
      text += kCountdownMarks[static_cast<size_t>(id)];
    } else {
      text += std::to_string(id - word_zero);
    }
  }
  return text;
}

}  // namespace reckon::tasks
