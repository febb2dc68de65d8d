#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "rl/run_log.h"
#include "rl/stage_cost.h"

namespace reckon::recipes {

/// A stage as the ledger knows it.
struct LedgerStage {
  std::string name;
  std::string hash;  ///< of the stage and everything that its result depends on
};

/// Which stages of a run folder are done, and from where an open one goes on. A stage counts only
/// with the hash it was made with, so a changed recipe or data set makes its stage and those that
/// build on it count no more. One ledger a folder; not thread-safe.
class RunLedger {
 public:
  /// `stages` in the order of the recipe. Reads the folder, which may be empty.
  RunLedger(std::filesystem::path folder, std::vector<LedgerStage> stages);

  /// Hash of stage `i`.
  const std::string& hash(size_t i) const { return stages_[i].hash; }
  /// Whether the result of stage `i` is there and belongs to its inputs.
  bool is_done(size_t i) const;
  /// Whether stage `i` was begun with its inputs as they are, but not ended.
  bool is_open(size_t i) const;
  /// Whether stage `i` left anything that belongs to other inputs.
  bool is_stale(size_t i) const;

  /// Names of all stages that left a folder, those of other recipes among them.
  std::vector<std::string> folders() const;
  /// Names of stages of other recipes that were begun here and not ended: nobody would cut what
  /// they wrote last.
  std::vector<std::string> foreign_open() const;

  /// Removes all that these stages left: folders, and their lines and events in the logs. What is
  /// interrupted here is ended by the next `recover`.
  void forget(const std::vector<std::string>& names) const;
  /// Ends a `forget` that was interrupted.
  void recover() const;

  /// Where the logs have to be cut for the run to go on: where the open stage's newest checkpoint
  /// left them, or where they stood when it began, or where they end.
  rl::LogOffsets resume_offsets() const;
  /// What the open stage `i` had cost at its newest checkpoint.
  rl::StageCost resume_cost(size_t i) const;

  /// Notes that a stage begins while the logs end at `offsets`; nothing if it is open already.
  void begin(size_t i, const rl::LogOffsets& offsets) const;
  /// Notes that a stage is complete and what it cost.
  void finish(size_t i, const nlohmann::json& cost) const;

  std::filesystem::path stage_folder(size_t i) const;
  const std::string& name(size_t i) const { return stages_[i].name; }

 private:
  void forget_names(const std::vector<std::string>& names) const;
  std::optional<std::filesystem::path> resume_file(size_t i) const;

  std::filesystem::path folder_;
  std::vector<LedgerStage> stages_;
};

}  // namespace reckon::recipes
