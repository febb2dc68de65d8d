#include "tasks/instructed_task.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "tasks/instructed_trace.h"
#include "tasks/instructed_words.h"

namespace reckon::tasks {

namespace {

Problem make_problem(uint32_t index, const CountdownProblem& problem,
                     const Instruction& instruction) {
  auto columns = std::make_shared<nlohmann::json>();
  (*columns)["numbers"] = problem.numbers;
  (*columns)["target"] = problem.target;
  (*columns)["language"] = language_code(instruction.language);
  (*columns)["form"] = form_name(instruction.form);
  return {index, instructed_text(instructed_prompt_ids(problem, instruction)), std::move(columns),
          std::string(difficulty_name(countdown_difficulty(problem)))};
}

std::vector<CountdownSplit> read_splits(const std::string& name) {
  if (name == "rl") return {CountdownSplit::rl};
  if (name == "pretraining") return {CountdownSplit::pretraining};
  return {CountdownSplit::rl, CountdownSplit::pretraining};
}

}  // namespace

InstructedCountdownTask::InstructedCountdownTask(const InstructedCountdownConfig& config,
                                                 const SourceContext& context)
    : space_({static_cast<int>(config.max_number), static_cast<int>(config.min_target),
              static_cast<int>(config.max_target)},
             context.place()),
      difficulty_(config.difficulty),
      splits_(read_splits(config.split)),
      seed_(context.seed),
      stage_(context.stage) {
  const std::vector<CountdownProblem> problems = space_.problems();
  for (const CountdownSplit split : splits_) {
    const auto found = std::ranges::count_if(
        problems, [&](const CountdownProblem& problem) { return is_training(problem, split); });
    check(found > 0, ErrorCode::invalid_argument,
          "expected ranges that leave training problems of difficulty {} in each part, got none in "
          "one of {}, in {}",
          difficulty_, config.split, context.place());
    num_training_ += static_cast<uint64_t>(found);
  }
  num_held_out_ = static_cast<uint64_t>(
      std::ranges::count(problems, CountdownSplit::held_out,
                         [](const CountdownProblem& problem) { return countdown_split(problem); }));
}

bool InstructedCountdownTask::is_training(const CountdownProblem& problem,
                                          CountdownSplit split) const {
  return countdown_split(problem) == split &&
         (difficulty_ == "all" || difficulty_name(countdown_difficulty(problem)) == difficulty_);
}

Problem InstructedCountdownTask::at(uint64_t position) const {
  RandomSequence random(RandomStream({seed_, stage_, Purpose::shuffle, position}), 0, 0);
  const CountdownSplit split = splits_[position % splits_.size()];
  const CountdownProblem problem =
      space_.draw(random, [&](const CountdownProblem& drawn) { return is_training(drawn, split); });
  return make_problem(static_cast<uint32_t>(position), problem, draw_instruction(random));
}

std::vector<Problem> InstructedCountdownTask::held_out(uint64_t count) const {
  check(count <= num_held_out_, ErrorCode::invalid_argument,
        "expected at most {} held-out problems, got {}, in the task instructed-countdown",
        num_held_out_, count);
  std::vector<Problem> problems;
  for (const CountdownProblem& problem : space_.held_out(count)) {
    problems.push_back(make_problem(static_cast<uint32_t>(problems.size()), problem,
                                    held_out_instruction(problem)));
  }
  return problems;
}

std::string InstructedCountdownTask::summary() const {
  return fmt::format("instructed-countdown: {} training problems of difficulty {}, {} held out",
                     num_training_, difficulty_, num_held_out_);
}

std::optional<TraceReport> InstructedCountdownTask::trace(const Problem& problem,
                                                          std::string_view completion) const {
  check(problem.columns != nullptr, ErrorCode::invalid_argument,
        "expected a problem of the task instructed-countdown, got one without columns");
  const nlohmann::json& columns = *problem.columns;
  return read_trace(completion, columns.at("numbers").get<std::array<int, 3>>(),
                    columns.at("target").get<int>());
}

}  // namespace reckon::tasks
