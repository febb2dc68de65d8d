#include "rl/chat_problems.h"

namespace reckon::rl {

ChatProblems::ChatProblems(std::unique_ptr<tasks::ProblemSource> source, policy::ChatFormat format,
                           bool as_messages)
    : source_(std::move(source)), format_(std::move(format)), as_messages_(as_messages) {}

tasks::Problem ChatProblems::written(tasks::Problem problem) const {
  if (problem.messages.empty() && as_messages_) problem.messages = {{"user", problem.prompt}};
  if (!problem.messages.empty()) problem.prompt = format_.render(problem.messages, true);
  return problem;
}

tasks::Problem ChatProblems::at(uint64_t position) const { return written(source_->at(position)); }

uint64_t ChatProblems::num_held_out() const { return source_->num_held_out(); }

std::vector<tasks::Problem> ChatProblems::held_out(uint64_t count) const {
  auto problems = source_->held_out(count);
  for (auto& problem : problems) problem = written(std::move(problem));
  return problems;
}

std::string ChatProblems::summary() const { return source_->summary(); }

std::optional<tasks::TraceReport> ChatProblems::trace(const tasks::Problem& problem,
                                                      std::string_view completion) const {
  return source_->trace(problem, completion);
}

bool opens_thought(const tasks::ProblemSource& source) {
  const auto held_out = source.held_out(std::min<uint64_t>(source.num_held_out(), 1));
  const std::string prompt = held_out.empty() ? source.at(0).prompt : held_out[0].prompt;
  const auto end = prompt.find_last_not_of(" \t\r\n");
  return end != std::string::npos && prompt.substr(0, end + 1).ends_with("<think>");
}

}  // namespace reckon::rl
