#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "watch/event_log.h"
#include "watch/run_index.h"

namespace reckon::watch {

/// What the list of runs shows of one.
struct RunSummary {
  std::string id;              ///< 16 hexadecimal digits; the same whenever the folder is watched
  std::filesystem::path path;  ///< never sent to a reader
  RunFolder about;             ///< identity and status only
  double started = 0.0;        ///< Unix time at which recipe.json was written; 0 if unknown
  double step_time = 0.0;      ///< median of the last steps, seconds; 0 if unknown
  bool has_lock = true;        ///< whether a process holds the run; true where nobody can say

  /// Like the state in status.json, but `dead` where it says `running` and no process holds it.
  std::string state() const;
  /// Whether it should be running and has not said anything for a long time.
  bool is_stalled(double now) const;
  /// Seconds that the stage under way still takes; nothing where nobody can say.
  std::optional<double> time_left() const;
};

/// A run whose files are read. Lock `mutex` while using `index`.
struct OpenRun {
  OpenRun(const std::filesystem::path& folder, const std::filesystem::path& root)
      : index(folder, root) {}

  std::mutex mutex;
  RunIndex index;
};

/// The runs in a folder, which come, grow and go while it is watched. Thread-safe.
class RunCatalog {
 public:
  /// Seconds since 1970.
  using Clock = std::function<double()>;

  /// `root` may be a run folder itself, or missing yet.
  explicit RunCatalog(std::filesystem::path root, Clock clock = wall_clock);

  /// Looks at the folder once and tells `events` what changed. One caller at a time.
  void poll();

  /// Newest first.
  std::vector<RunSummary> list() const;

  /// The run of that id, or nothing.
  std::optional<RunSummary> find(const std::string& id) const;

  /// The files of the run of that id; null if there is none. The last few asked for stay in memory.
  std::shared_ptr<OpenRun> open(const std::string& id);

  EventLog& events() { return events_; }
  const std::filesystem::path& root() const { return root_; }
  double now() const { return clock_(); }

  static double wall_clock();

 private:
  struct Known {
    RunSummary summary;
    std::map<std::string, std::optional<FileStamp>> stamps;
    double lock_looked_at = 0.0;
    bool was_stalled = false;
  };

  std::map<std::string, std::filesystem::path> find_folders() const;
  bool update_list(const std::map<std::string, std::filesystem::path>& folders);
  bool look_at(Known& known);
  void read_summary(Known& known);
  void look_at_lock(Known& known);

  const std::filesystem::path root_;
  const Clock clock_;
  EventLog events_;
  uint64_t polls_ = 0;
  std::map<std::string, Known> known_;  // by id; only poll() changes it, under mutex_
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, std::shared_ptr<OpenRun>>> open_;  // the newest last
};

}  // namespace reckon::watch
