#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "watch/growing_file.h"
#include "watch/metrics_log.h"
#include "watch/run_folder.h"

namespace reckon::watch {

/// A run folder that is read again and again while a run writes into it: `refresh` reads only what
/// is new. Missing, half-written and broken files are no error; of metrics.jsonl only the broken
/// lines are left out. Files that symbolic links put outside of `root` count as missing. Not
/// thread-safe.
class RunIndex {
 public:
  /// `root` is the folder that nothing may be read outside of; it holds `folder`, or is it.
  RunIndex(std::filesystem::path folder, std::filesystem::path root);

  /// Reads what changed since the last call. If the folder is gone, everything becomes empty.
  void refresh();

  /// What the folder held at the last `refresh`, as `read_run_folder` gives it.
  const RunFolder& run() const { return run_; }

  /// Rises whenever rows of metrics that `run` showed were taken back: the run went on from a
  /// checkpoint, or another one took its place.
  uint64_t generation() const { return generation_; }

  /// Whether the file exists and may be read.
  bool may_read(const std::filesystem::path& file) const { return stays_inside(root_, file); }

 private:
  bool has_changed(const char* name);
  void read_metrics();
  void read_completion_steps();
  void collect();

  std::filesystem::path root_;
  RunFolder run_;
  // What single files said; run_ is put together from them.
  RunFolder identity_;
  RunFolder status_;
  RunFolder evaluations_;
  std::vector<std::string> metrics_notes_;
  std::vector<std::string> completions_notes_;
  std::map<std::string, std::optional<FileStamp>> stamps_;
  GrowingFile metrics_file_;
  GrowingFile completions_file_;
  MetricsReader reader_;
  int64_t broken_lines_ = 0;
  uint64_t generation_ = 0;
};

}  // namespace reckon::watch
