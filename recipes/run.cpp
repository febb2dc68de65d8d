#include "recipes/run.h"

#include <fcntl.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "core/build_info.h"
#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/log.h"
#include "core/shutdown.h"
#include "core/progress.h"
#include "recipes/run_ledger.h"
#include "recipes/run_stage.h"
#include "recipes/stage_plan.h"

namespace reckon::recipes {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// Holds the run folder for this process: two programs must not append to the same files.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder) {
    const auto path = folder / ".lock";
    fd_ = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
    check(fd_ >= 0, ErrorCode::io, "expected to write in {}, got: {}", folder.string(),
          std::strerror(errno));
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      ::close(fd_);
      fail(ErrorCode::invalid_argument,
           "expected a run folder that no other process uses, got a running one, in {}",
           folder.string());
    }
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock() { ::close(fd_); }

 private:
  int fd_;
};

// The stages of a recipe with their hashes.
std::vector<LedgerStage> ledger_stages(const Recipe& recipe) {
  const auto hashes = stage_hashes(recipe);
  std::vector<LedgerStage> stages;
  for (size_t i = 0; i < recipe.stages.size(); ++i) {
    stages.push_back({stage_name(recipe.stages[i]), hashes[i]});
  }
  return stages;
}

// One run of one recipe in one folder.
class Run {
 public:
  Run(const Recipe& recipe, const RunOptions& options)
      : recipe_(recipe), options_(options), builder_(recipe, options.folder) {}

  RunEnd execute() {
    first_forced();  // a stage that is not there is said before anything is made
    make_folder(options_.folder);
    const FolderLock lock(options_.folder);
    const auto rejected = builder_.check_all();
    ledger_.emplace(options_.folder, ledger_stages(recipe_));
    const bool resumed = is_run_folder(options_.folder);
    ledger_->recover();
    if (resumed) {
      adopt_folder();
    } else {
      started_ = steady_seconds();
      write_recipe();
    }
    clean_leftovers();
    write_rejected(rejected);
    const bool was_finished = is_finished();
    if (was_finished && status_is_finished()) return RunEnd::was_finished;
    rl::RunLog log(options_.folder, ledger_->resume_offsets());
    log_ = &log;
    // Killed between the last stage and the last word.
    if (was_finished) return finish("finished", RunEnd::was_finished);
    try {
      return run_stages();
    } catch (const std::exception& error) {
      report_failure(error.what());
      throw;
    }
  }

 private:
  static void make_folder(const fs::path& folder) {
    std::error_code failure;
    fs::create_directories(folder, failure);
    check(!failure, ErrorCode::io, "expected to make the folder {}, got: {}", folder.string(),
          failure.message());
  }

  bool is_finished() const {
    for (size_t i = 0; i < recipe_.stages.size(); ++i) {
      if (!ledger_->is_done(i)) return false;
    }
    return true;
  }

  bool status_is_finished() const {
    const auto file = options_.folder / "status.json";
    if (!fs::exists(file)) return false;
    const json status = read_json_file(file);
    return status.is_object() && status.value("state", json()) == "finished";
  }

  // Makes the folder this recipe's: results that do not belong to it as it is now, and those that
  // are to be made again, are removed. A folder in which nothing would stay belongs to someone else.
  void adopt_folder() const {
    const auto stored = read_stored_run(options_.folder);
    if (stored.threads != options_.threads) {
      log_warning("this run began with {} threads and goes on with {}: the last bits may differ",
                  stored.threads, options_.threads);
    }
    const size_t from = first_forced();
    std::vector<std::string> gone, open;
    bool keeps_any = false;
    for (size_t i = 0; i < recipe_.stages.size(); ++i) {
      const bool is_forced = i >= from && fs::exists(ledger_->stage_folder(i));
      if (is_forced || ledger_->is_stale(i)) {
        gone.push_back(ledger_->name(i));
      } else if (ledger_->is_open(i)) {
        open.push_back(ledger_->name(i));
      }
      keeps_any |= !is_forced && (ledger_->is_done(i) || ledger_->is_open(i));
    }
    const bool same_recipe = stored.recipe.hash == recipe_.hash;
    check(keeps_any || ledger_->folders().empty() || options_.from_stage || same_recipe,
          ErrorCode::invalid_argument,
          "expected the recipe that the run folder was made with (hash {}), got another (hash {}) "
          "that keeps none of its stages, in {}: choose another folder with --out, or do the "
          "stages again with --from {}",
          stored.recipe.hash, recipe_.hash, options_.folder.string(),
          stage_name(recipe_.stages.front()));
    if (!gone.empty()) {
      log_info("done again, because they or what they start from changed: {}", fmt::join(gone, ", "));
    }
    // First: were the program killed while it removes, the folder would go on with this recipe.
    if (!same_recipe) write_recipe();
    for (const auto& name : ledger_->foreign_open()) gone.push_back(name);
    // What an open stage wrote so far stands between lines that go.
    if (!gone.empty()) gone.insert(gone.end(), open.begin(), open.end());
    ledger_->forget(gone);
  }

  // The first stage that is done again whatever is there.
  size_t first_forced() const {
    if (!options_.from_stage) return recipe_.stages.size();
    const auto found = find_stage(recipe_, *options_.from_stage);
    check(found.has_value(), ErrorCode::invalid_argument,
          "expected the name of a stage of {}, got \"{}\", in --from", recipe_.source,
          *options_.from_stage);
    return *found;
  }

  void write_recipe() const {
    const json stored = {{"recipe", *recipe_.resolved}, {"hash", recipe_.hash},
                         {"version", kVersion},         {"device", builder_.compute().device.str()},
                         {"threads", options_.threads}, {"command", options_.command}};
    write_file_atomic(options_.folder / "recipe.json", json_text(stored, 2) + "\n");
  }

  // Rows that a stage leaves out, for whoever mends the data set.
  void write_rejected(const std::vector<json>& rows) const {
    const auto path = options_.folder / "gold_rejected.jsonl";
    if (rows.empty()) {
      fs::remove(path);
      return;
    }
    std::string text;
    for (const json& row : rows) text += json_text(row) + "\n";
    write_file_atomic(path, text);
    log_warning("{} rows are left out because a reward cannot read their gold: {}", rows.size(),
                path.string());
  }

  // What killed programs left half-written.
  void clean_leftovers() const {
    remove_leftovers(options_.folder);
    for (size_t i = 0; i < recipe_.stages.size(); ++i) remove_leftovers(ledger_->stage_folder(i));
  }

  RunEnd run_stages() {
    for (size_t i = 0; i < recipe_.stages.size(); ++i) {
      if (ledger_->is_done(i)) continue;
      const auto end = run_one(i);
      const bool more = i + 1 < recipe_.stages.size();
      if (end == rl::StageEnd::stopped || (more && shutdown_requested())) {
        return finish("stopped", RunEnd::stopped);
      }
    }
    return finish("finished", RunEnd::finished);
  }

  rl::StageEnd run_one(size_t i) {
    rl::RunStatus status;
    status.stage = stage_name(recipe_.stages[i]);
    status.stage_index = static_cast<int64_t>(i);
    status.num_stages = static_cast<int64_t>(recipe_.stages.size());
    status.phase = "start";
    log_->status(status);
    ledger_->begin(i, log_->sync());
    auto cost = ledger_->resume_cost(i);
    cost.tick();
    const rl::StageContext context{status.stage,
                                   static_cast<uint32_t>(i),
                                   recipe_.config.seed,
                                   ledger_->stage_folder(i),
                                   ledger_->hash(i),
                                   builder_.compute().options(),
                                   {recipe_.config.speed.rows_per_thread, true},
                                   options_.is_terminal,
                                   *log_,
                                   cost};
    const auto end = run_stage(recipe_, i, builder_, context);
    if (end == rl::StageEnd::finished) {
      log_->sync();
      cost.tick();
      ledger_->finish(i, cost_file(i, cost));
    }
    return end;
  }

  json cost_file(size_t i, const rl::StageCost& cost) const {
    json line = rl::write_cost(cost);
    line["kind"] = stage_kind(recipe_.stages[i]);
    line["device"] = builder_.compute().device.str();
    line["devices"] = 1;
    return line;
  }

  RunEnd finish(const std::string& state, RunEnd end) {
    rl::RunStatus status = log_->last_status();
    status.state = state;
    if (state == "finished") {
      status.phase = "finished";
      if (started_) status.wall_time = steady_seconds() - *started_;
    }
    log_->status(status);
    return end;
  }

  void report_failure(const std::string& message) noexcept {
    try {
      rl::RunStatus status = log_->last_status();
      status.state = "failed";
      status.message = message;
      log_->status(status);
    } catch (const std::exception&) {
      // The disk may be full: the error that led here is the one to show.
    }
  }

  const Recipe& recipe_;
  const RunOptions& options_;
  StageBuilder builder_;
  std::optional<RunLedger> ledger_;
  rl::RunLog* log_ = nullptr;
  std::optional<double> started_;  // of a run that was not resumed
};

}  // namespace

RunEnd run_recipe(const Recipe& recipe, const RunOptions& options) {
  return Run(recipe, options).execute();
}

bool is_run_folder(const fs::path& path) { return fs::is_regular_file(path / "recipe.json"); }

StoredRun read_stored_run(const fs::path& folder) {
  const auto path = folder / "recipe.json";
  const json stored = read_json_file(path);
  check(stored.is_object() && stored.contains("recipe") && stored.contains("threads") &&
            stored["threads"].is_number_integer() && stored["threads"] >= 1 &&
            stored["threads"] <= 1024,
        ErrorCode::corrupt, "expected an object with recipe and threads (1 to 1024), got {}, in {}",
        json_summary(stored), path.string());
  return {resolve_recipe(stored["recipe"], path.string()), stored["threads"].get<int>()};
}

}  // namespace reckon::recipes
