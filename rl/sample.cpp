#include "rl/sample.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/log.h"
#include "core/progress.h"
#include "core/shutdown.h"
#include "rl/checkpoint.h"
#include "rl/grpo_metrics.h"
#include "tasks/problem_class.h"

namespace reckon::rl {
namespace {

using nlohmann::json;

constexpr const char* kKeptSoFar = "kept.partial.jsonl";
constexpr const char* kDroppedSoFar = "dropped.partial.jsonl";

// Columns that the summary counts by, each once.
std::vector<std::string> counted_columns(const SampleConfig& config) {
  std::vector<std::string> columns = {"difficulty"};
  const auto add = [&](const std::string& column) {
    if (!column.empty() && std::ranges::find(columns, column) == columns.end()) {
      columns.push_back(column);
    }
  };
  for (const auto& column : config.group_by) add(column);
  add(config.balance_by);
  add(config.class_column);
  return columns;
}

// Writes the lines of `from` to `to` whole or not at all, each as often as `copies` says. Returns
// how many lines that makes.
int64_t copy_lines(const std::filesystem::path& from, const std::filesystem::path& to,
                   const std::function<int64_t(const json&)>& copies) {
  constexpr size_t kPieceBytes = size_t{1} << 20;
  AtomicFile file(to);
  std::string piece;
  int64_t rows = 0;
  for_each_jsonl(from, [&](const json& line, uint64_t) {
    const std::string text = json_text(line) + "\n";
    const int64_t times = copies(line);
    for (int64_t i = 0; i < times; ++i) piece += text;
    rows += times;
    if (piece.size() < kPieceBytes) return;
    file.write(piece);
    piece.clear();
  });
  file.write(piece);
  file.commit();
  return rows;
}

}  // namespace

SampleStage::SampleStage(const SampleConfig& config, SampleInputs inputs,
                         const StageContext& context)
    : config_(config),
      inputs_(std::move(inputs)),
      context_(context),
      columns_(counted_columns(config)),
      rules_(config, *inputs_.scorer) {
  auto speed = context.engine;
  speed.stop = shutdown_requested;
  engine_ = rollout::make_engine(*inputs_.policy.model, speed);
  summary_.tokenizer = tokenizer_fingerprint(*inputs_.policy.tokenizer);
}

SampleStage::~SampleStage() = default;

StageEnd SampleStage::run() {
  restore();
  if (finished_) {
    remove_partial_files();
    return StageEnd::finished;
  }
  while (!is_sampled()) {
    const uint64_t end = (round() + 1) * static_cast<uint64_t>(config_.num_prompts);
    Progress progress(context_.name, end, stderr,
                      {.is_terminal = context_.is_terminal, .done = cursor_});
    while (cursor_ < end) {
      if (!sample_batch(end)) return StageEnd::stopped;
      progress.update(cursor_, fmt::format("kept {} of {}", summary_.kept, summary_.drawn));
      save(false);
      if (shutdown_requested() && !is_sampled()) return StageEnd::stopped;
    }
    progress.finish();
  }
  write_result();
  save(true);
  remove_partial_files();
  return StageEnd::finished;
}

void SampleStage::remove_partial_files() {
  kept_.close();
  dropped_.close();
  std::filesystem::remove(file(kKeptSoFar));
  std::filesystem::remove(file(kDroppedSoFar));
}

void SampleStage::restore() {
  std::filesystem::create_directories(context_.folder);
  uint64_t kept_bytes = 0, dropped_bytes = 0;
  if (const auto found = newest_checkpoint(context_.folder)) {
    const json state = read_checkpoint_state(found->folder, context_.hash);
    const auto path = found->folder / "state.json";
    batch_ = found->step;
    read_members(path, [&] {
      cursor_ = state.at("cursor").get<uint64_t>();
      finished_ = state.at("finished").get<bool>();
      kept_bytes = state.at("kept_bytes").get<uint64_t>();
      dropped_bytes = state.at("dropped_bytes").get<uint64_t>();
      summary_ = read_summary(state.at("summary"), path.string());
    });
    if (finished_) return;
  }
  JsonlWriter::truncate(file(kKeptSoFar), kept_bytes);
  JsonlWriter::truncate(file(kDroppedSoFar), dropped_bytes);
  kept_.open(file(kKeptSoFar));
  dropped_.open(file(kDroppedSoFar));
  for_each_sample(file(kKeptSoFar), [&](const SampleRow& row) {
    rules_.remember(row.prompt_ids, row.completion_ids);
  });
}

void SampleStage::save(bool finished) {
  kept_.flush();
  dropped_.flush();
  save_state(context_, batch_,
             {{"cursor", cursor_},
              {"finished", finished},
              {"kept_bytes", kept_.offset()},
              {"dropped_bytes", dropped_.offset()},
              {"summary", write_summary(summary_)}},
             1);
}

bool SampleStage::sample_batch(uint64_t end) {
  const double start = steady_seconds();
  const auto per_round =
      (config_.num_prompts + config_.prompts_per_batch - 1) / config_.prompts_per_batch;
  context_.report(batch_, per_round * static_cast<int64_t>(round() + 1), "rollout");
  std::vector<tasks::Problem> problems;
  const auto size = static_cast<uint64_t>(config_.prompts_per_batch);
  for (uint64_t i = cursor_; i < end && i < cursor_ + size; ++i) {
    problems.push_back(inputs_.task->at(i));
  }
  const uint64_t count = problems.size();
  // The batch stays out of the address: a sample does not depend on how problems are batched.
  const StreamAddress address{context_.seed, context_.index, Purpose::sample, 0};
  const auto groups =
      sample_groups(*engine_, *inputs_.policy.tokenizer, *inputs_.scorer, std::move(problems),
                    config_.num_generations, sampling_params(config_, inputs_.policy), address);
  if (!is_complete(groups, config_.num_generations)) return false;
  const double sampled = steady_seconds();
  const SampleSummary before = summary_;
  for (const auto& group : groups) record(group);
  cursor_ += count;
  ++batch_;
  count_sampling(context_.cost, inputs_.policy.model->config().num_parameters(), groups);
  log_batch(before, sampled - start, steady_seconds() - start);
  const auto& example = groups.front();
  context_.log.histogram(context_.name + "/completions/length", completion_lengths(groups), batch_);
  context_.log.example(context_.name + "/completion", example.problem.prompt,
                       example.completions.front().text, batch_);
  return true;
}

std::optional<int64_t> SampleStage::room_for(const tasks::Problem& problem) const {
  if (!config_.max_kept_per_class) return std::nullopt;
  const auto name = tasks::class_of(*problem.columns, problem.difficulty, config_.class_column);
  const auto classes = summary_.by.find(config_.class_column);
  if (!name || classes == summary_.by.end()) return config_.max_kept_per_class;
  const auto found = classes->second.find(*name);
  const int64_t kept = found == classes->second.end() ? 0 : found->second.kept;
  return *config_.max_kept_per_class - kept;
}

void SampleStage::record(const ScoredGroup& group) {
  const auto reasons = rules_.decide(group, room_for(group.problem));
  const int64_t kept_before = summary_.kept;
  ++summary_.prompts;
  summary_.prompt_tokens += std::ssize(group.prompt_ids);
  for (size_t s = 0; s < reasons.size(); ++s) {
    const ScoredCompletion& sample = group.completions[s];
    ++summary_.drawn;
    summary_.num_tokens += sample.length();
    summary_.correct += inputs_.scorer->is_correct(sample) ? 1 : 0;
    if (!reasons[s].empty()) {
      ++summary_.dropped[reasons[s]];
      dropped_.write(dropped_line(group, s, *inputs_.scorer, reasons[s]));
      continue;
    }
    ++summary_.kept;
    summary_.num_tokens_kept += sample.length();
    kept_.write(kept_line(group, s, *inputs_.scorer));
  }
  for (const auto& column : columns_) {
    const auto name = tasks::class_of(*group.problem.columns, group.problem.difficulty, column);
    if (!name) continue;
    ClassCount& count = summary_.by[column][*name];
    count.drawn += std::ssize(group.completions);
    count.kept += summary_.kept - kept_before;
  }
}

void SampleStage::log_batch(const SampleSummary& before, double rollout_seconds,
                            double seconds) const {
  const auto drawn = static_cast<double>(summary_.drawn - before.drawn);
  const auto tokens = static_cast<double>(summary_.num_tokens - before.num_tokens);
  const int64_t kept = summary_.kept - before.kept;
  context_.log.metrics(
      {{"stage", context_.name},
       {"kind", "sample"},
       {"step", batch_},
       {"drawn", summary_.drawn - before.drawn},
       {"kept", kept},
       {"kept_frac", static_cast<double>(kept) / drawn},
       {"accuracy", static_cast<double>(summary_.correct - before.correct) / drawn},
       {"completions/mean_length", tokens / drawn},
       {"num_tokens", summary_.num_tokens},
       {"step_time", seconds},
       {"time/rollout", rollout_seconds},
       {"tokens_per_second/rollout", tokens / rollout_seconds},
       {"memory/peak", peak_memory_bytes()}});
}

bool SampleStage::has_enough() const {
  if (summary_.kept < config_.min_kept) return false;
  if (config_.min_kept_per_class == 0) return true;
  const auto& classes = summary_.by.at(config_.class_column);
  return std::ranges::all_of(
      classes, [&](const auto& item) { return item.second.kept >= config_.min_kept_per_class; });
}

bool SampleStage::is_sampled() const {
  const auto size = static_cast<uint64_t>(config_.num_prompts);
  if (cursor_ == 0 || cursor_ % size != 0) return false;
  return has_enough() || round() >= static_cast<uint64_t>(config_.max_rounds);
}

void SampleStage::write_result() {
  copy_lines(file(kDroppedSoFar), file("dropped.jsonl"), [](const json&) { return 1; });
  check(summary_.kept > 0, ErrorCode::invalid_argument,
        "expected at least one sample that passes all rules, got none of {} ({}), in stage {}: see "
        "{}, then loosen the rule that drops most, ask a better policy, or draw more with "
        "num_prompts, num_generations or min_kept and max_rounds",
        summary_.drawn, reasons_text(), context_.name, file("dropped.jsonl").string());
  warn_of_few();
  summary_.rows = write_samples();
  write_file_atomic(file("summary.json"), json_text(write_summary(summary_), 2) + "\n");
  log_info("{}: kept {} of {} ({})", context_.name, summary_.kept, summary_.drawn, reasons_text());
}

int64_t SampleStage::write_samples() const {
  const std::string& column = config_.balance_by;
  int64_t largest = 0;
  if (!column.empty()) {
    for (const auto& [name, count] : summary_.by.at(column))
      largest = std::max(largest, count.kept);
  }
  std::map<std::string, int64_t> seen;
  return copy_lines(file(kKeptSoFar), file("samples.jsonl"), [&](const json& line) -> int64_t {
    if (column.empty()) return 1;
    const auto name =
        tasks::class_of(line.at("columns"), line.at("difficulty").get<std::string>(), column);
    if (!name) return 1;
    return copies_of(seen[*name]++, summary_.by.at(column).at(*name).kept, largest);
  });
}

void SampleStage::warn_of_few() const {
  if (summary_.kept < config_.min_kept) {
    log_warning("{}: kept {} of {} completions, fewer than min_kept {} ({})", context_.name,
                summary_.kept, summary_.drawn, config_.min_kept, reasons_text());
  }
  for (const auto& [column, classes] : summary_.by) {
    const int64_t wanted = column == config_.class_column ? config_.min_kept_per_class
                           : column == config_.balance_by ? 1
                                                          : 0;
    for (const auto& [name, count] : classes) {
      if (count.kept >= wanted) continue;
      log_warning("{}: kept {} of {} completions with {} {}, fewer than {}", context_.name,
                  count.kept, count.drawn, column, name, wanted);
    }
  }
}

std::string SampleStage::reasons_text() const {
  std::string text;
  for (const auto& [reason, count] : summary_.dropped) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, reason);
  }
  return text.empty() ? "none dropped" : text;
}

}  // namespace reckon::rl
