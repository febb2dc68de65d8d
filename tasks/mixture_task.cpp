#include "tasks/mixture_task.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/hash.h"

namespace reckon::tasks {

namespace {

/// Where a part stands, with a seed of its own: two parts of one kind must not draw the same
/// problems. The first keeps the seed, so that a task alone and as a mixture are the same.
SourceContext context_of(const SourceContext& context, size_t part) {
  SourceContext own = context;
  own.pointer = fmt::format("{}/parts/{}/task", context.pointer, part);
  if (part > 0) own.seed = mix64(context.seed + part);
  return own;
}

}  // namespace

MixtureTask::MixtureTask(const MixtureConfig& config, const SourceContext& context) {
  check(!config.parts.empty(), ErrorCode::invalid_argument,
        "expected at least one part, got none, in {}", context.place("parts"));
  for (size_t i = 0; i < config.parts.size(); ++i) {
    const MixturePart& part = config.parts[i];
    const std::string place = context.place(fmt::format("parts/{}", i));
    check(std::ranges::find(parts_, part.name, &Part::name) == parts_.end() && !part.name.empty(),
          ErrorCode::invalid_argument, "expected a name of its own, got \"{}\", in {}/name",
          part.name, place);
    const nlohmann::json& task = *part.task;
    check(!task.is_object() || task.value("kind", nlohmann::json()) != "mixture",
          ErrorCode::invalid_argument, "expected a task that is no mixture, got one, in {}/task",
          place);
    parts_.push_back(
        {part.name, static_cast<uint64_t>(part.weight), make_task(task, context_of(context, i))});
  }
  round_ = make_round();
}

std::vector<MixtureTask::Turn> MixtureTask::make_round() const {
  // Smooth weighted round-robin: every part gains its weight, the richest pays for the turn.
  int64_t total = 0;
  for (const Part& part : parts_) total += static_cast<int64_t>(part.weight);
  std::vector<int64_t> credit(parts_.size(), 0);
  std::vector<uint64_t> ranks(parts_.size(), 0);
  std::vector<Turn> round;
  for (int64_t turn = 0; turn < total; ++turn) {
    for (size_t i = 0; i < parts_.size(); ++i) credit[i] += static_cast<int64_t>(parts_[i].weight);
    const auto richest = static_cast<size_t>(std::ranges::max_element(credit) - credit.begin());
    credit[richest] -= total;
    round.push_back({richest, ranks[richest]++});
  }
  return round;
}

Problem MixtureTask::named(Problem problem, const Part& part, uint64_t index) const {
  auto columns = std::make_shared<nlohmann::json>(*problem.columns);
  (*columns)["task"] = part.name;
  problem.columns = std::move(columns);
  problem.index = static_cast<uint32_t>(index);
  return problem;
}

Problem MixtureTask::at(uint64_t position) const {
  const Turn& turn = round_[position % round_.size()];
  const Part& part = parts_[turn.part];
  const uint64_t cursor = position / round_.size() * part.weight + turn.rank;
  return named(part.source->at(cursor), part, position);
}

uint64_t MixtureTask::num_held_out() const {
  uint64_t sum = 0;
  for (const Part& part : parts_) sum += part.source->num_held_out();
  return sum;
}

std::vector<Problem> MixtureTask::held_out(uint64_t count) const {
  check(count <= num_held_out(), ErrorCode::invalid_argument,
        "expected at most {} held-out problems, got {}, in the task mixture", num_held_out(),
        count);
  // Step 1. Whose turn it is, and so how many each part gives.
  std::vector<size_t> turns;
  std::vector<uint64_t> given(parts_.size(), 0);
  for (uint64_t n = 0; turns.size() < count; ++n) {
    const size_t part = round_[n % round_.size()].part;
    if (given[part] == parts_[part].source->num_held_out()) continue;
    ++given[part];
    turns.push_back(part);
  }
  // Step 2. The lists of the parts, woven together.
  std::vector<std::vector<Problem>> lists;
  for (size_t i = 0; i < parts_.size(); ++i) lists.push_back(parts_[i].source->held_out(given[i]));
  std::vector<size_t> next(parts_.size(), 0);
  std::vector<Problem> problems;
  for (const size_t part : turns) {
    problems.push_back(named(std::move(lists[part][next[part]++]), parts_[part], problems.size()));
  }
  return problems;
}

std::string MixtureTask::summary() const {
  std::string text = "mixture: ";
  for (const Part& part : parts_) {
    if (&part != &parts_.front()) text += "; ";
    text += fmt::format("{} {} of {} ({})", part.name, part.weight, round_.size(),
                        part.source->summary());
  }
  return text;
}

std::vector<DataRow> MixtureTask::rows() const {
  std::vector<DataRow> rows;
  for (const Part& part : parts_) {
    for (DataRow row : part.source->rows()) {
      row.task = part.name;
      rows.push_back(row);
    }
  }
  return rows;
}

void MixtureTask::leave_out(const std::vector<bool>& unusable) {
  size_t begin = 0;
  for (Part& part : parts_) {
    const size_t end = begin + part.source->rows().size();
    check(end <= unusable.size(), ErrorCode::invalid_argument,
          "expected a flag for each of at least {} rows, got {}", end, unusable.size());
    part.source->leave_out({unusable.begin() + static_cast<std::ptrdiff_t>(begin),
                            unusable.begin() + static_cast<std::ptrdiff_t>(end)});
    begin = end;
  }
}

std::optional<TraceReport> MixtureTask::trace(const Problem& problem,
                                              std::string_view completion) const {
  check(problem.columns != nullptr && problem.columns->contains("task"),
        ErrorCode::invalid_argument, "expected a problem of a mixture, got one without a task");
  const auto& name = problem.columns->at("task");
  const auto part =
      std::ranges::find_if(parts_, [&](const Part& candidate) { return name == candidate.name; });
  check(part != parts_.end(), ErrorCode::invalid_argument,
        "expected a problem of a part of the mixture, got the task {}", name.dump());
  return part->source->trace(problem, completion);
}

}  // namespace reckon::tasks
