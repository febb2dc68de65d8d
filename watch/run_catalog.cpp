#include "watch/run_catalog.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/error.h"
#include "core/hash.h"
#include "core/json.h"
#include "watch/run_parts.h"

namespace reckon::watch {

namespace {

namespace fs = std::filesystem;

constexpr int kMaxDepth = 3;
constexpr size_t kMaxEntries = 20'000;  // looked at in one search
constexpr size_t kMaxRuns = 1000;
constexpr size_t kMostOpen = 12;
constexpr uint64_t kPollsASearch = 4;  // files are looked at in every poll, folders less often
constexpr double kQuietSeconds = 10.0;
constexpr double kLockSeconds = 5.0;
constexpr uint64_t kTailBytes = 64 * 1024;
constexpr size_t kStepsOfMedian = 20;

// What a file is called in events.
constexpr std::array<std::pair<const char*, const char*>, 5> kFiles{
    {{"metrics.jsonl", "metrics"},
     {"completions.jsonl", "completions"},
     {"evals.jsonl", "evals"},
     {"status.json", "status"},
     {"recipe.json", "recipe"}}};

bool is_run_folder(const fs::path& folder) {
  return stamp_of(folder / "recipe.json") || stamp_of(folder / "status.json") ||
         stamp_of(folder / "metrics.jsonl");
}

// Whether another process holds the lock that a run keeps while it lives. The lock is taken for a
// moment where nobody holds it, so this is asked only of runs that were silent for a while.
bool is_locked(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  if (fd < 0) return true;
  const bool is_free = ::flock(fd, LOCK_SH | LOCK_NB) == 0;
  const bool is_held = !is_free && errno == EWOULDBLOCK;
  ::close(fd);
  return is_held || !is_free;
}

// The median of `step_time` in the last lines of metrics.jsonl.
double median_step_time(const fs::path& file, uint64_t size) {
  std::vector<double> times;
  const uint64_t begin = size > kTailBytes ? size - kTailBytes : 0;
  for_each_line(file, begin, size, [&](std::string_view line, uint64_t offset) {
    if (offset == begin && begin > 0) return true;  // most likely the end of a line
    const auto value = nlohmann::json::parse(line, nullptr, false);
    const auto time = value.is_object() ? value.find("step_time") : value.end();
    if (value.is_object() && time != value.end() && time->is_number()) {
      times.push_back(time->get<double>());
    }
    return true;
  });
  if (times.size() > kStepsOfMedian) {
    times.erase(times.begin(), times.end() - static_cast<std::ptrdiff_t>(kStepsOfMedian));
  }
  if (times.empty()) return 0.0;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return std::isfinite(*middle) ? *middle : 0.0;
}

}  // namespace

std::string RunSummary::state() const {
  if (!about.status) return "unknown";
  return about.status->state == "running" && !has_lock ? "dead" : about.status->state;
}

bool RunSummary::is_stalled(double now) const {
  return state() == "running" && now - about.status->heartbeat > std::max(60.0, 5.0 * step_time);
}

std::optional<double> RunSummary::time_left() const {
  if (state() != "running" || step_time <= 0.0 || about.status->max_steps <= 0) return std::nullopt;
  const int64_t steps = std::max<int64_t>(0, about.status->max_steps - about.status->step);
  return static_cast<double>(steps) * step_time;
}

RunCatalog::RunCatalog(fs::path root, Clock clock)
    : root_(std::move(root)), clock_(std::move(clock)) {}

double RunCatalog::wall_clock() {
  const auto time = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(time).count();
}

// Run folders by id, at most three levels down; a run folder holds no other runs.
std::map<std::string, fs::path> RunCatalog::find_folders() const {
  std::map<std::string, fs::path> found;
  size_t entries = 0;
  std::vector<std::pair<fs::path, int>> waiting = {{root_, 0}};
  while (!waiting.empty() && entries < kMaxEntries && found.size() < kMaxRuns) {
    const auto [folder, depth] = waiting.back();
    waiting.pop_back();
    if (is_run_folder(folder)) {
      const std::string name = folder == root_ ? "." : folder.lexically_relative(root_).string();
      found.emplace(hex16(mix64(fnv1a(name))), folder);
      continue;
    }
    if (depth == kMaxDepth) continue;
    std::error_code wrong;
    for (fs::directory_iterator entry(folder, wrong), end; !wrong && entry != end;
         entry.increment(wrong)) {
      if (++entries > kMaxEntries) break;
      const bool is_hidden = entry->path().filename().string().starts_with(".");
      std::error_code ignored;
      if (is_hidden || !entry->is_directory(ignored)) continue;
      if (entry->is_symlink(ignored) && !stays_inside(root_, entry->path())) continue;
      waiting.emplace_back(entry->path(), depth + 1);
    }
  }
  return found;
}

bool RunCatalog::update_list(const std::map<std::string, fs::path>& folders) {
  const std::lock_guard lock(mutex_);
  const size_t gone = std::erase_if(known_, [&](const auto& item) {
    const auto found = folders.find(item.first);
    return found == folders.end() || found->second != item.second.summary.path;
  });
  if (gone > 0) std::erase_if(open_, [&](const auto& run) { return !known_.contains(run.first); });
  bool is_new = false;
  for (const auto& [id, path] : folders) {
    const auto [place, added] = known_.try_emplace(id);
    if (!added) continue;
    is_new = true;
    place->second.summary.id = id;
    place->second.summary.path = path;
  }
  return gone > 0 || is_new;
}

void RunCatalog::read_summary(Known& known) {
  RunFolder about;
  about.path = known.summary.path;
  about.label = folder_label(about.path);
  about.name = about.label;
  if (known.stamps["recipe.json"]) read_identity(about);
  if (known.stamps["status.json"]) read_status(about);
  const std::lock_guard lock(mutex_);
  known.summary.about = std::move(about);
  const auto& recipe = known.stamps["recipe.json"];
  known.summary.started = recipe ? static_cast<double>(recipe->changed) / 1e9 : 0.0;
}

void RunCatalog::look_at_lock(Known& known) {
  const double now = clock_();
  const auto& status = known.summary.about.status;
  bool has_lock = true;
  if (status && status->state == "running" && now - status->heartbeat > kQuietSeconds) {
    if (std::abs(now - known.lock_looked_at) < kLockSeconds) return;
    known.lock_looked_at = now;
    has_lock = is_locked(known.summary.path / ".lock");
  }
  const std::lock_guard lock(mutex_);
  known.summary.has_lock = has_lock;
}

// Tells readers which files changed; returns whether the list shows something else now.
bool RunCatalog::look_at(Known& known) {
  nlohmann::json changed = nlohmann::json::array();
  const bool is_first = known.stamps.empty();
  for (const auto& [name, title] : kFiles) {
    const fs::path file = known.summary.path / name;
    auto stamp = stamp_of(file);
    auto& before = known.stamps[name];
    if (stamp == before) continue;
    if (stamp && !stays_inside(root_, file)) stamp.reset();
    if (stamp == before) continue;
    before = stamp;
    changed.push_back(title);
  }
  const auto has = [&](const char* title) {
    return std::find(changed.begin(), changed.end(), title) != changed.end();
  };
  if (has("metrics")) {
    const auto& stamp = known.stamps["metrics.jsonl"];
    double time = 0.0;
    try {
      time = stamp ? median_step_time(known.summary.path / "metrics.jsonl", stamp->size) : 0.0;
    } catch (const Error&) {
      time = 0.0;  // a file that cannot be read costs the time left, not the list
    }
    const std::lock_guard lock(mutex_);
    known.summary.step_time = time;
  }
  const bool list_changed = has("status") || has("recipe") || is_first;
  if (list_changed) read_summary(known);
  const std::string state = known.summary.state();
  look_at_lock(known);
  const bool is_stalled = known.summary.is_stalled(clock_());
  const bool turned = state != known.summary.state() || is_stalled != known.was_stalled;
  known.was_stalled = is_stalled;
  if (turned && !has("status")) changed.push_back("status");
  if (!changed.empty() && !is_first) {
    events_.publish({"run", json_text({{"id", known.summary.id}, {"files", changed}})});
  }
  return list_changed || turned;
}

void RunCatalog::poll() {
  bool changed = false;
  if (polls_++ % kPollsASearch == 0) changed = update_list(find_folders());
  for (auto& [id, known] : known_) {
    if (look_at(known)) changed = true;
  }
  if (changed) events_.publish({"runs", "{}"});
}

std::vector<RunSummary> RunCatalog::list() const {
  std::vector<RunSummary> runs;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, known] : known_) runs.push_back(known.summary);
  }
  const auto time = [](const RunSummary& run) {
    return run.started > 0.0 || !run.about.status ? run.started : run.about.status->heartbeat;
  };
  std::stable_sort(runs.begin(), runs.end(), [&](const RunSummary& a, const RunSummary& b) {
    return time(a) != time(b) ? time(a) > time(b) : a.path < b.path;
  });
  return runs;
}

std::optional<RunSummary> RunCatalog::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(id);
  if (found == known_.end()) return std::nullopt;
  return found->second.summary;
}

std::shared_ptr<OpenRun> RunCatalog::open(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto known = known_.find(id);
  if (known == known_.end()) return nullptr;
  const auto found =
      std::find_if(open_.begin(), open_.end(), [&](const auto& run) { return run.first == id; });
  std::shared_ptr<OpenRun> run;
  if (found != open_.end()) {
    run = found->second;
    open_.erase(found);
  } else {
    run = std::make_shared<OpenRun>(known->second.summary.path, root_);
  }
  open_.emplace_back(id, run);
  if (open_.size() > kMostOpen) open_.erase(open_.begin());
  return run;
}

}  // namespace reckon::watch
