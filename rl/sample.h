#pragma once

#include <memory>

#include "core/jsonl.h"
#include "policy/pretrained.h"
#include "rl/keep_rules.h"
#include "rl/sample_file.h"
#include "rl/stage.h"

namespace reckon::rl {

/// What a `sample` stage works with besides its configuration.
struct SampleInputs {
  policy::Pretrained policy;
  std::unique_ptr<tasks::ProblemSource> task;
  std::unique_ptr<Scorer> scorer;
};

/// Rejection sampling: answers training problems, keeps what passes the rules, and writes
/// samples.jsonl, dropped.jsonl and, last, summary.json into its folder (docs/formats.md). A sample
/// is a function of policy, seed, stage, problem and sample number, so batches and interruptions do
/// not change the files. Goes on behind the last finished batch by itself. One instance runs once.
class SampleStage {
 public:
  /// Throws like `check_keep_rules`.
  SampleStage(const SampleConfig& config, SampleInputs inputs, const StageContext& context);
  ~SampleStage();

  /// Runs to the end, or until a shutdown is requested: finished batches are kept then, an
  /// unfinished one is sampled again. Throws `invalid_argument` with the counts by reason if
  /// nothing was kept.
  StageEnd run();

  /// Counts of what was sampled so far, earlier runs of the stage included.
  const SampleSummary& summary() const { return summary_; }

 private:
  void restore();
  void save(bool finished);
  // Samples up to problem `end`; false if the engine was stopped and nothing is recorded.
  bool sample_batch(uint64_t end);
  void record(const ScoredGroup& group);
  // How many more of the problem's class may be kept; none where there is no limit.
  std::optional<int64_t> room_for(const tasks::Problem& problem) const;
  void log_batch(const SampleSummary& before, double rollout_seconds, double seconds) const;
  bool has_enough() const;
  bool is_sampled() const;
  void write_result();
  void remove_partial_files();
  int64_t write_samples() const;
  void warn_of_few() const;
  std::string reasons_text() const;
  uint64_t round() const { return cursor_ / static_cast<uint64_t>(config_.num_prompts); }
  std::filesystem::path file(const char* name) const { return context_.folder / name; }

  const SampleConfig config_;
  SampleInputs inputs_;
  const StageContext& context_;
  std::vector<std::string> columns_;  // that the summary counts by
  KeepRules rules_;
  std::unique_ptr<rollout::RolloutEngine> engine_;
  JsonlWriter kept_, dropped_;  // of files that grow with every batch and go at the end
  SampleSummary summary_;
  uint64_t cursor_ = 0;  // number of the next training problem
  int64_t batch_ = 0;    // batches finished
  bool finished_ = false;
};

}  // namespace reckon::rl
