#include "tasks/list_task.h"

#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "tasks/instructed_words.h"
#include "tasks/lists.h"

namespace reckon::tasks {

namespace {

/// There are far more; no evaluation needs them.
constexpr size_t kNumHeldOut = 1024;

Problem make_problem(uint32_t index, const ListProblem& problem) {
  auto columns = std::make_shared<nlohmann::json>();
  const NumberList gold = operated(problem.list, problem.operation);
  (*columns)["gold"] = fmt::format("{}", fmt::join(gold, " "));
  (*columns)["language"] = language_code(problem.language);
  (*columns)["operation"] = operation_name(problem.operation);
  return {index, instructed_text(list_prompt_ids(problem)), std::move(columns), ""};
}

}  // namespace

ListTask::ListTask(const ListTaskConfig&, const SourceContext& context)
    : seed_(context.seed), stage_(context.stage) {
  // A seed of its own, so that the list is the same in every run.
  RandomSequence random(RandomStream({0, 0, Purpose::eval, 0}), 0, 0);
  std::set<NumberList> taken;
  while (held_out_.size() < kNumHeldOut) {
    const ListProblem problem = draw_list_problem(random, CountdownSplit::held_out);
    if (!taken.insert(problem.list).second) continue;
    held_out_.push_back(make_problem(static_cast<uint32_t>(held_out_.size()), problem));
  }
}

Problem ListTask::at(uint64_t position) const {
  RandomSequence random(RandomStream({seed_, stage_, Purpose::shuffle, position}), 0, 0);
  return make_problem(static_cast<uint32_t>(position),
                      draw_list_problem(random, CountdownSplit::rl));
}

std::vector<Problem> ListTask::held_out(uint64_t count) const {
  check(count <= held_out_.size(), ErrorCode::invalid_argument,
        "expected at most {} held-out problems, got {}, in the task instructed-lists",
        held_out_.size(), count);
  return {held_out_.begin(), held_out_.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::string ListTask::summary() const {
  return fmt::format("instructed-lists: five numbers to sort or to turn round, {} held out",
                     held_out_.size());
}

}  // namespace reckon::tasks
