#include "tasks/lists.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "core/hash.h"
#include "tasks/instructed_words.h"

namespace reckon::tasks {

namespace {

constexpr int kMaxNumber = 50;

NumberList draw_list(RandomSequence& random) {
  std::array<int, kMaxNumber> numbers;
  std::iota(numbers.begin(), numbers.end(), 1);
  NumberList list;
  for (uint32_t i = 0; i < list.size(); ++i) {
    std::swap(numbers[i], numbers[i + random.next_below(kMaxNumber - i)]);
    list[i] = numbers[i];
  }
  return list;
}

}  // namespace

std::string_view operation_name(ListOperation operation) {
  return operation == ListOperation::sort ? "sort" : "rev";
}

NumberList operated(const NumberList& list, ListOperation operation) {
  NumberList result = list;
  if (operation == ListOperation::sort) {
    std::ranges::sort(result);
  } else {
    std::ranges::reverse(result);
  }
  return result;
}

CountdownSplit list_split(const NumberList& list) {
  const NumberList sorted = operated(list, ListOperation::sort);
  return split_of(fmt::format("list {}", fmt::join(sorted, ",")));
}

ListProblem draw_list_problem(RandomSequence& random, CountdownSplit split) {
  ListProblem problem;
  do {
    problem.list = draw_list(random);
  } while (list_split(problem.list) != split);
  const uint32_t drawn = random.next_below(4);
  problem.operation = (drawn & 1) == 0 ? ListOperation::sort : ListOperation::reverse;
  problem.language = (drawn & 2) == 0 ? UserLanguage::english : UserLanguage::korean;
  return problem;
}

std::vector<int32_t> list_prompt_ids(const ListProblem& problem) {
  const bool sort = problem.operation == ListOperation::sort;
  std::vector<int32_t> ids = {word_bos, language_id(problem.language),
                              sort ? int32_t{word_sort} : int32_t{word_reverse}};
  for (const int number : problem.list) ids.push_back(number_id(number));
  return ids;
}

std::vector<int32_t> list_answer_ids(const NumberList& result) {
  std::vector<int32_t> ids = {word_think, word_end_think, word_answer};
  for (const int number : result) ids.push_back(number_id(number));
  ids.insert(ids.end(), {word_end_answer, word_eos});
  return ids;
}

}  // namespace reckon::tasks
