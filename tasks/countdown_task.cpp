#include "tasks/countdown_task.h"

#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "tasks/countdown_trace.h"

namespace reckon::tasks {

namespace {

Problem make_problem(uint32_t index, const CountdownProblem& problem) {
  auto columns = std::make_shared<nlohmann::json>();
  (*columns)["nums"] = problem.numbers;
  (*columns)["target"] = problem.target;
  return {index, countdown_prompt(problem), std::move(columns),
          std::string(difficulty_name(countdown_difficulty(problem)))};
}

bool is_held_out(const CountdownProblem& problem) {
  return countdown_split(problem) == CountdownSplit::held_out;
}

}  // namespace

CountdownTask::CountdownTask(const CountdownConfig& config, const SourceContext& context)
    : space_({static_cast<int>(config.max_number), static_cast<int>(config.min_target),
              static_cast<int>(config.max_target)},
             context.place()),
      difficulty_(config.difficulty),
      seed_(context.seed),
      stage_(context.stage) {
  check(config.numbers == std::vector<int64_t>{3}, ErrorCode::unsupported,
        "expected [3], got [{}], in {}", fmt::join(config.numbers, ", "), context.place("numbers"));
  for (const CountdownProblem& problem : space_.problems()) {
    num_training_ += is_training(problem) ? 1 : 0;
    num_held_out_ += is_held_out(problem) ? 1 : 0;
  }
  check(num_training_ > 0, ErrorCode::invalid_argument,
        "expected ranges that leave training problems of difficulty {}, got none, in {}",
        difficulty_, context.place());
}

bool CountdownTask::is_training(const CountdownProblem& problem) const {
  return countdown_split(problem) == CountdownSplit::rl &&
         (difficulty_ == "all" || difficulty_name(countdown_difficulty(problem)) == difficulty_);
}

Problem CountdownTask::at(uint64_t position) const {
  RandomSequence random(RandomStream({seed_, stage_, Purpose::shuffle, position}), 0, 0);
  const auto wanted = [this](const CountdownProblem& problem) { return is_training(problem); };
  return make_problem(static_cast<uint32_t>(position), space_.draw(random, wanted));
}

uint64_t CountdownTask::num_held_out() const { return num_held_out_; }

std::vector<Problem> CountdownTask::held_out(uint64_t count) const {
  check(count <= num_held_out_, ErrorCode::invalid_argument,
        "expected at most {} held-out problems, got {}, in the task countdown", num_held_out_,
        count);
  std::vector<Problem> problems;
  for (const CountdownProblem& problem : space_.held_out(count)) {
    problems.push_back(make_problem(static_cast<uint32_t>(problems.size()), problem));
  }
  return problems;
}

std::string CountdownTask::summary() const {
  return fmt::format("countdown: {} training problems of difficulty {}, {} held out", num_training_,
                     difficulty_, num_held_out_);
}

std::optional<TraceReport> CountdownTask::trace(const Problem& problem,
                                                std::string_view completion) const {
  check(problem.columns != nullptr, ErrorCode::invalid_argument,
        "expected a problem of the task countdown, got one without columns");
  const nlohmann::json& columns = *problem.columns;
  return read_trace(completion, columns.at("nums").get<std::array<int, 3>>(),
                    columns.at("target").get<int>());
}

}  // namespace reckon::tasks
