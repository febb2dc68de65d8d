#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "core/event_file.h"
#include "core/jsonl.h"

namespace reckon::rl {

/// Where the files of a run end at some moment. What lies behind is cut off on resume.
struct LogOffsets {
  uint64_t metrics = 0;
  uint64_t completions = 0;
  uint64_t evals = 0;
  uint64_t events = 0;
};

/// Offsets as they stand in checkpoints.
nlohmann::json write_offsets(const LogOffsets& offsets);
/// Reads what `write_offsets` wrote; `file` names the source in messages.
LogOffsets read_offsets(const nlohmann::json& json, const std::string& file);

/// What `status.json` says.
struct RunStatus {
  std::string state = "running";  ///< running, finished, failed or stopped
  std::string stage;
  int64_t stage_index = 0;
  int64_t num_stages = 0;
  int64_t step = 0;
  int64_t max_steps = 0;
  std::string phase;
  std::string message;
  double wall_time = 0.0;  ///< seconds of a run that was not interrupted; 0 where unknown
};

/// The growing files of a run folder (docs/formats.md). One writer a folder; not thread-safe.
class RunLog {
 public:
  /// Opens or makes the files of `folder`, cut to `offsets`. Throws `io`, or `corrupt` if a file is
  /// shorter than its offset.
  RunLog(const std::filesystem::path& folder, const LogOffsets& offsets);

  /// One optimizer step. Numbers also go to the event file under STAGE/KEY.
  void metrics(const nlohmann::json& line);
  /// One sampled answer.
  void completion(const nlohmann::json& line);
  /// One evaluation. Its numbers also go to the event file under STAGE/eval/DATA/KEY, or
  /// STAGE/eval/DATA/POLICY/KEY if the policy is not the stage's own.
  void evaluation(const nlohmann::json& line);
  /// The distribution of `values`, and one answer to a prompt, for the event file only.
  void histogram(const std::string& tag, std::span<const double> values, int64_t step);
  void example(const std::string& tag, const std::string& prompt, const std::string& answer,
               int64_t step);

  /// Replaces status.json; the heartbeat is the current time.
  void status(const RunStatus& status);
  /// The status written last, to be changed and written again.
  const RunStatus& last_status() const { return status_; }

  /// Waits until everything is on the disk and says where the files end.
  LogOffsets sync();

 private:
  void add_scalars(const std::string& tag, const nlohmann::json& values, int64_t step);

  std::filesystem::path folder_;
  JsonlWriter metrics_, completions_, evals_;
  std::unique_ptr<EventFileWriter> events_;
  RunStatus status_;
};

}  // namespace reckon::rl
