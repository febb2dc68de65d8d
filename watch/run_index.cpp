#include "watch/run_index.h"

#include <fmt/format.h>

#include <utility>

#include "core/error.h"
#include "watch/run_parts.h"

namespace reckon::watch {

namespace {

constexpr const char* kMetrics = "metrics.jsonl";
constexpr const char* kCompletions = "completions.jsonl";

RunFolder empty_run(const std::filesystem::path& path) {
  RunFolder run;
  run.path = path;
  return run;
}

void append(std::vector<std::string>& notes, const std::vector<std::string>& more) {
  notes.insert(notes.end(), more.begin(), more.end());
}

}  // namespace

RunIndex::RunIndex(std::filesystem::path folder, std::filesystem::path root)
    : root_(std::move(root)),
      run_(empty_run(folder)),
      identity_(run_),
      status_(run_),
      evaluations_(run_),
      metrics_file_(folder / kMetrics),
      completions_file_(folder / kCompletions) {
  identity_.label = folder_label(folder);
}

// A link that leaves the root looks like a missing file.
bool RunIndex::has_changed(const char* name) {
  const auto file = run_.path / name;
  auto stamp = stamp_of(file);
  if (stamp && !may_read(file)) stamp.reset();
  const auto [place, is_new] = stamps_.try_emplace(name, stamp);
  if (!is_new && place->second == stamp) return false;
  place->second = stamp;
  return true;
}

void RunIndex::read_metrics() {
  metrics_notes_.clear();
  const auto forget = [&] {
    run_.metrics.clear();
    reader_.reset();
    broken_lines_ = 0;
    ++generation_;
  };
  if (!stamps_[kMetrics]) {
    if (metrics_file_.offset() > 0) forget();
    metrics_file_ = GrowingFile(run_.path / kMetrics);
    metrics_notes_.push_back(
        fmt::format("{} is missing: no training step has been recorded yet.", kMetrics));
    return;
  }
  try {
    metrics_file_.read(forget, [&](std::string_view line, uint64_t) {
      const MetricsChange change = reader_.add(run_.metrics, line);
      if (change == MetricsChange::replaced) ++generation_;
      if (change == MetricsChange::broken) ++broken_lines_;
    });
    if (broken_lines_ > 0) {
      metrics_notes_.push_back(
          fmt::format("{} has {} broken lines, which are left out.", kMetrics, broken_lines_));
    }
    // While a line is being written this is normal, so it is no note of a running run.
  } catch (const Error& error) {
    metrics_notes_.push_back(fmt::format("{} cannot be read: {}.", kMetrics, error.what()));
  }
}

void RunIndex::read_completion_steps() {
  completions_notes_.clear();
  const auto forget = [&] { run_.completion_steps.clear(); };
  if (!stamps_[kCompletions]) {
    forget();
    completions_file_ = GrowingFile(run_.path / kCompletions);
    completions_notes_.push_back(
        fmt::format("{} is missing: there are no answers to show.", kCompletions));
    return;
  }
  try {
    completions_file_.read(forget, [&](std::string_view line, uint64_t offset) {
      add_completion_line(run_.completion_steps, line, offset);
    });
  } catch (const Error& error) {
    completions_notes_.push_back(fmt::format("{} cannot be read: {}.", kCompletions, error.what()));
  }
}

void RunIndex::collect() {
  auto metrics = std::move(run_.metrics);
  auto steps = std::move(run_.completion_steps);
  run_ = identity_;
  run_.metrics = std::move(metrics);
  run_.completion_steps = std::move(steps);
  run_.status = status_.status;
  run_.evaluations = evaluations_.evaluations;
  append(run_.notes, status_.notes);
  append(run_.notes, metrics_notes_);
  append(run_.notes, evaluations_.notes);
  append(run_.notes, completions_notes_);
  place_stages(run_);
}

void RunIndex::refresh() {
  bool changed = false;
  const auto read_part = [&](const char* name, RunFolder& part, auto read) {
    if (!has_changed(name)) return;
    changed = true;
    part = empty_run(run_.path);
    part.label = folder_label(run_.path);
    part.name = part.label;
    // Readers look by name: what may not be read must not be seen by them.
    if (!stamps_[name]) part.path = run_.path / ".nothing";
    read(part);
    part.path = run_.path;
  };
  read_part("recipe.json", identity_, read_identity);
  read_part("status.json", status_, read_status);
  read_part("evals.jsonl", evaluations_, read_evaluations);
  if (has_changed(kMetrics)) {
    changed = true;
    read_metrics();
  }
  if (has_changed(kCompletions)) {
    changed = true;
    read_completion_steps();
  }
  if (changed) collect();
}

}  // namespace reckon::watch
