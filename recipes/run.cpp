#include "recipes/run.h"

#include <fcntl.h>
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
#include "recipes/stage_inputs.h"
#include "rl/evaluate.h"

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

// One run of one recipe in one folder.
class Run {
 public:
  Run(const Recipe& recipe, const RunOptions& options)
      : recipe_(recipe), options_(options), builder_(recipe, options.folder) {}

  RunEnd execute() {
    std::error_code failure;
    fs::create_directories(options_.folder, failure);
    check(!failure, ErrorCode::io, "expected to make the folder {}, got: {}",
          options_.folder.string(), failure.message());
    const FolderLock lock(options_.folder);
    const auto rejected = builder_.check_all();
    const bool resumed = is_run_folder(options_.folder);
    if (resumed) check_same_recipe();
    clean_leftovers();
    const size_t first = first_open_stage();
    if (first == recipe_.stages.size()) return RunEnd::was_finished;
    write_rejected(rejected);
    if (!resumed) {
      write_recipe();
      started_ = steady_seconds();
    }
    rl::RunLog log(options_.folder, offsets_before(first));
    log_ = &log;
    try {
      for (size_t i = first; i < recipe_.stages.size(); ++i) {
        const auto end = run_stage(i);
        const bool more = i + 1 < recipe_.stages.size();
        if (end == rl::StageEnd::stopped || (more && shutdown_requested())) {
          return finish("stopped", RunEnd::stopped);
        }
      }
      return finish("finished", RunEnd::finished);
    } catch (const std::exception& error) {
      report_failure(error.what());
      throw;
    }
  }

 private:
  fs::path stage_folder(size_t i) const {
    return options_.folder / "stages" / stage_name(recipe_.stages[i]);
  }

  void check_same_recipe() const {
    const auto stored = read_stored_run(options_.folder);
    check(stored.recipe.hash == recipe_.hash, ErrorCode::invalid_argument,
          "expected the recipe that the run folder was made with (hash {}), got another (hash {}), "
          "in {}: choose another folder with --out",
          stored.recipe.hash, recipe_.hash, options_.folder.string());
    if (stored.threads != options_.threads) {
      log_warning("this run began with {} threads and goes on with {}: the last bits may differ",
                  stored.threads, options_.threads);
    }
  }

  void write_recipe() const {
    const json stored = {{"recipe", *recipe_.resolved}, {"hash", recipe_.hash},
                         {"version", kVersion},         {"device", builder_.compute().device.str()},
                         {"threads", options_.threads}, {"command", options_.command}};
    write_file_atomic(options_.folder / "recipe.json", json_text(stored, 2) + "\n");
  }

  // Rows that a stage leaves out, for whoever mends the data set.
  void write_rejected(const std::vector<json>& rows) const {
    if (rows.empty()) return;
    std::string text;
    for (const json& row : rows) text += json_text(row) + "\n";
    const auto path = options_.folder / "gold_rejected.jsonl";
    write_file_atomic(path, text);
    log_warning("{} rows are left out because a reward cannot read their gold: {}", rows.size(),
                path.string());
  }

  // What killed programs left half-written.
  void clean_leftovers() const {
    remove_leftovers(options_.folder);
    for (size_t i = 0; i < recipe_.stages.size(); ++i) remove_leftovers(stage_folder(i));
  }

  size_t first_open_stage() const {
    size_t i = 0;
    while (i < recipe_.stages.size() && fs::exists(stage_folder(i) / "done.json")) ++i;
    return i;
  }

  // Where the files stood when the open stage was at what it will go on from.
  rl::LogOffsets offsets_before(size_t stage) const {
    if (const auto found = rl::newest_checkpoint(stage_folder(stage))) {
      const json state = rl::read_checkpoint_state(found->folder, recipe_.hash);
      return rl::read_offsets(state.value("offsets", json()),
                              (found->folder / "state.json").string());
    }
    if (stage == 0) return {};
    const auto path = stage_folder(stage - 1) / "done.json";
    return rl::read_offsets(read_json_file(path).value("offsets", json()), path.string());
  }

  rl::StageEnd run_stage(size_t i) {
    const StageConfig& config = recipe_.stages[i];
    fs::create_directories(stage_folder(i));
    rl::RunStatus status;
    status.stage = stage_name(config);
    status.stage_index = static_cast<int64_t>(i);
    status.num_stages = static_cast<int64_t>(recipe_.stages.size());
    status.phase = "start";
    log_->status(status);
    const rl::StageContext context{stage_name(config),
                                   static_cast<uint32_t>(i),
                                   recipe_.config.seed,
                                   stage_folder(i),
                                   recipe_.hash,
                                   builder_.compute().options(),
                                   {recipe_.config.speed.rows_per_thread, true},
                                   options_.is_terminal,
                                   *log_};
    const auto end = dispatch(i, context);
    if (end == rl::StageEnd::finished) {
      write_file_atomic(stage_folder(i) / "done.json",
                        json_text({{"offsets", rl::write_offsets(log_->sync())}}, 2) + "\n");
    }
    return end;
  }

  rl::StageEnd dispatch(size_t i, const rl::StageContext& context) {
    if (const auto* config = std::get_if<rl::PretrainConfig>(&recipe_.stages[i])) {
      return rl::PretrainStage(*config, builder_.pretrain_inputs(i), context).run();
    }
    if (const auto* config = std::get_if<rl::GrpoConfig>(&recipe_.stages[i])) {
      return rl::GrpoStage(*config, builder_.grpo_inputs(i), context).run();
    }
    return run_eval(i, context);
  }

  rl::StageEnd run_eval(size_t i, const rl::StageContext& context) {
    const auto& config = std::get<rl::EvalConfig>(recipe_.stages[i]);
    const auto names = policy_names(config, recipe_.source);
    Progress progress(context.name, names.size(), stderr, {.is_terminal = context.is_terminal});
    for (size_t n = 0; n < names.size(); ++n) {
      context.report(static_cast<int64_t>(n), static_cast<int64_t>(names.size()), "evaluation");
      const auto pretrained = builder_.policy(names[n], nullptr);
      rl::EvalSettings settings;
      settings.num_prompts = config.eval_prompts;
      settings.num_samples = config.num_samples;
      settings.k = config.k;
      settings.greedy_prompts = config.greedy_prompts;
      settings.group_by = config.group_by;
      settings.list_prompts = true;
      settings.reflection_words = config.reflection_words;
      settings.sampling.temperature = config.temperature;
      settings.sampling.top_p = config.top_p;
      settings.sampling.top_k = config.top_k;
      settings.sampling.max_new_tokens = config.max_completion_length;
      settings.sampling.stop_token_ids = rl::stop_ids(pretrained);
      auto speed = context.engine;
      speed.stop = shutdown_requested;
      const auto engine = rollout::make_engine(*pretrained.model, speed);
      const auto made =
          builder_.graded(i, config.task, config.rewards, "rewards", pretrained.tokenizer.get());
      const json line = rl::evaluate(*engine, *pretrained.tokenizer, *made.task, *made.scorer, settings,
                                     {context.name, names[n], 0, context.seed, context.index});
      // An interrupted evaluation is repeated from its beginning when the run goes on.
      if (line.is_null()) return rl::StageEnd::stopped;
      log_->evaluation(line);
      progress.update(n + 1, names[n]);
    }
    context.report(static_cast<int64_t>(names.size()), static_cast<int64_t>(names.size()),
                   "evaluation");
    return rl::StageEnd::finished;
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
