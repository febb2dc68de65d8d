#include "rl/supervised_run.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/progress.h"
#include "core/shutdown.h"

namespace reckon::rl {
namespace {

using nlohmann::json;

// One call of `run_supervised`.
struct SupervisedRun {
  const StageContext& context;
  const policy::Pretrained& policy;
  Optimizer& optimizer;
  const SupervisedPace& pace;
  SupervisedProgress& at;
  const SupervisedHooks& hooks;

  void restore() const {
    const auto read = [&](const json& state) {
      at.cursor = state.at("cursor").get<uint64_t>();
      at.tokens = state.at("num_tokens").get<int64_t>();
      at.planned_steps = state.at("planned_steps").get<int64_t>();
      at.window = SupervisedWindow::from_state(state.at("window"));
    };
    const auto found = restore_checkpoint(context, *policy.model, optimizer, nullptr, read);
    if (found) at.step = found->step;
  }

  // A checkpoint may stand between two metrics lines: the next line then goes on with its sums.
  void save() const {
    save_checkpoint(context, at.step,
                    {{"cursor", at.cursor},
                     {"num_tokens", at.tokens},
                     {"planned_steps", at.planned_steps},
                     {"window", at.window.state()}},
                    {*policy.model, *policy.tokenizer, optimizer, nullptr, {}},
                    pace.save_total_limit);
  }

  void log_window() const {
    at.tokens += at.window.tokens;
    context.report(at.step, at.planned_steps, "update");
    json line = at.window.metrics();
    line.update(hooks.metrics());
    line.update({{"stage", context.name},
                 {"step", at.step},
                 {"num_tokens", at.tokens},
                 {"memory/peak", peak_memory_bytes()}});
    context.log.metrics(line);
    at.window = SupervisedWindow{};
  }

  bool is_complete() const {
    return at.step >= at.planned_steps && (!hooks.is_enough || hooks.is_enough());
  }
};

}  // namespace

StageEnd run_supervised(const StageContext& context, const policy::Pretrained& policy,
                        Optimizer& optimizer, const SupervisedPace& pace,
                        SupervisedProgress& at, const SupervisedHooks& hooks) {
  const SupervisedRun run{context, policy, optimizer, pace, at, hooks};
  run.restore();
  Progress progress(context.name, static_cast<uint64_t>(at.planned_steps), stderr,
                    {.is_terminal = context.is_terminal, .done = static_cast<uint64_t>(at.step)});
  std::string text;
  while (!run.is_complete()) {
    hooks.take_step();
    const bool last = at.step == at.planned_steps;
    if (at.step % pace.logging_steps == 0 || last) {
      text = fmt::format("loss {:.3f}", at.window.mean_loss());
      run.log_window();
    }
    progress.update(static_cast<uint64_t>(std::min(at.step, at.planned_steps)), text);
    if (shutdown_requested() && !last) {
      run.save();
      return StageEnd::stopped;
    }
    if (at.step % pace.save_steps == 0 || last) run.save();
  }
  progress.finish();
  save_result(context, *policy.model, *policy.tokenizer);
  return StageEnd::finished;
}

}  // namespace reckon::rl
