#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/philox.h"
#include "tasks/instructed_trace.h"

namespace reckon::tasks {

/// Five different integers of 1 to 50, in the order of the prompt.
using NumberList = std::array<int, 5>;

/// What is to be done with a list: put it in ascending order, or turn it round.
enum class ListOperation { sort, reverse };

/// "sort" or "rev".
std::string_view operation_name(ListOperation operation);

/// The result of an operation.
NumberList operated(const NumberList& list, ListOperation operation);

/// A list, what is asked, and who asks.
struct ListProblem {
  NumberList list{};
  ListOperation operation = ListOperation::sort;
  UserLanguage language = UserLanguage::english;
};

/// The split of a list, from a hash of its sorted numbers, with the shares of `countdown_split`:
/// all orders of the numbers are in the same one.
CountdownSplit list_split(const NumberList& list);

/// A problem whose list is of the split; lists, operations and languages have equal chances.
ListProblem draw_list_problem(RandomSequence& random, CountdownSplit split);

/// The ids of `<bos> LANGUAGE OPERATION x1 x2 x3 x4 x5`.
std::vector<int32_t> list_prompt_ids(const ListProblem& problem);

/// The ids of a completion that answers with `result`, without a thought.
std::vector<int32_t> list_answer_ids(const NumberList& result);

}  // namespace reckon::tasks
