#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "watch/completions.h"

namespace reckon::watch {

/// A stage that the recipe names or that left metrics.
struct RunStage {
  std::string name;
  std::string kind;       ///< `pretrain`, `grpo`, `eval`, ...; empty where nothing says it
  int64_t max_steps = 0;  ///< optimizer steps the recipe asks for; 0 where it does not say
  int64_t last_step = 0;  ///< the last optimizer step on record
  int64_t offset = 0;     ///< steps of the earlier stages drawn on the same axis
  /// Gap between sampler and trainer that ends the run, where the recipe says it.
  std::optional<double> mismatch_stop = {};
};

/// What status.json says about a run.
struct RunStatus {
  std::string state;  ///< `running`, `finished`, `failed` or `stopped`
  std::string stage;
  std::string phase;
  std::string message;  ///< why a run failed
  int64_t step = 0;
  int64_t max_steps = 0;    ///< of the stage; 0 where the file does not say
  int64_t stage_index = 0;  ///< from 0
  int64_t num_stages = 0;
  double heartbeat = 0.0;           ///< Unix time, seconds
  std::optional<double> wall_time;  ///< seconds, where the run recorded it
};

/// The metrics of one stage as columns of equal length. A value that a step lacks is NaN.
struct StageMetrics {
  std::string stage;
  std::string kind;
  std::vector<int64_t> steps;  ///< strictly rising
  std::map<std::string, std::vector<double>> columns;
};

/// One line of evals.jsonl. Nested numbers have their path as key, for example
/// `by_difficulty/easy/accuracy`; an interval has the keys `.../low` and `.../high`.
struct Evaluation {
  std::string stage;
  std::string policy;
  std::string data;
  int64_t step = 0;
  std::map<std::string, double> values;
  /// What each prompt adds to `accuracy` and other values, by its place in the held-out list; empty
  /// where the run does not record it.
  std::map<int64_t, std::map<std::string, double>> prompts;

  /// The number at `key`, or nothing.
  std::optional<double> value(const std::string& key) const;
};

/// All of a run folder that fits in memory; of completions.jsonl only where each step lies.
struct RunFolder {
  std::filesystem::path path;
  std::string name;   ///< the recipe's name, else the folder's
  std::string label;  ///< the folder's own name: tells runs of one recipe apart
  std::string description;
  std::string claim;  ///< what the recipe says the run shows; may be empty
  std::string hash;
  std::string settings;  ///< hash of the recipe but for seed and words: equal for seeds of one
  std::string version;
  std::string device;
  std::string command;
  std::optional<int64_t> seed;
  int64_t threads = 0;
  std::optional<RunStatus> status;
  std::vector<RunStage> stages;  ///< in the recipe's order
  std::vector<StageMetrics> metrics;
  std::vector<Evaluation> evaluations;
  std::vector<CompletionStep> completion_steps;
  std::vector<std::string> notes;  ///< sentences: what is missing or damaged

  /// The stage of that name, or null.
  const RunStage* find_stage(const std::string& stage) const;
  /// The metrics of that stage, or null.
  const StageMetrics* find_metrics(const std::string& stage) const;
  /// Sum of `step_time` over all steps, in seconds.
  double step_seconds() const;
};

/// True for the kinds of stage that learn from rewards.
bool is_reinforcement(const std::string& kind);

/// Reads a run folder. Missing, empty, half-written and broken files are no error: the result has
/// what could be read, and `notes` says what could not. Throws `not_found` where `folder` is no
/// directory. Thread-safe.
RunFolder read_run_folder(const std::filesystem::path& folder);

}  // namespace reckon::watch
