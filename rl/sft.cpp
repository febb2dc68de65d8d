#include "rl/sft.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "core/log.h"
#include "core/shutdown.h"
#include "rl/memory_plan.h"

namespace reckon::rl {

using nlohmann::json;

namespace {

// The configuration with its micro-batches sized, once the stage is known to fit.
SftConfig planned(SftConfig config, const SftInputs& inputs, const StageContext& context) {
  const policy::Transformer& model = *inputs.policy.model;
  config.micro_batch_tokens =
      begin_with_plan(model.config(), memory_demand(config, model.compute()), context.name);
  return config;
}

}  // namespace

SftStage::SftStage(const SftConfig& config, SftInputs inputs, const StageContext& context)
    : config_(planned(config, inputs, context)),
      inputs_(std::move(inputs)),
      context_(context),
      model_(*inputs_.policy.model),
      optimizer_(trainable(inputs_.policy, config, context), config) {
  const bool limited = config_.max_steps > 0;
  end_ = limited ? std::numeric_limits<uint64_t>::max()
                 : inputs_.data.end_of(config_.num_train_epochs);
  planned_steps_ =
      limited ? config_.max_steps : inputs_.data.count_steps(config_.tokens_per_step, end_);
  log_info("{}: {} documents an epoch, {} steps", context_.name, inputs_.data.epoch_begin(1),
           planned_steps_);
}

StageEnd SftStage::run() {
  restore();
  Progress progress(context_.name, static_cast<uint64_t>(planned_steps_), stderr,
                    {.is_terminal = context_.is_terminal, .done = static_cast<uint64_t>(step_)});
  std::string text;
  while (step_ < planned_steps_) {
    take_step();
    const bool last = step_ == planned_steps_;
    if (step_ % config_.logging_steps == 0 || last) {
      text = fmt::format("loss {:.3f}", window_.mean_loss());
      log_window();
    }
    progress.update(static_cast<uint64_t>(step_), text);
    if (shutdown_requested() && !last) {
      save();
      return StageEnd::stopped;
    }
    if (step_ % config_.save_steps == 0 || last) save();
  }
  progress.finish();
  save_result(context_, model_, *inputs_.policy.tokenizer);
  return StageEnd::finished;
}

void SftStage::restore() {
  const auto found = newest_checkpoint(context_.folder);
  if (!found) return;
  const json state = read_checkpoint_state(found->folder, context_.hash);
  load_checkpoint(found->folder, model_, optimizer_, nullptr);
  step_ = found->step;
  read_members(found->folder / "state.json", [&] {
    cursor_ = state.at("cursor").get<uint64_t>();
    tokens_ = state.at("num_tokens").get<int64_t>();
    window_ = SupervisedWindow::from_state(state.at("window"));
  });
}

void SftStage::save() {
  save_checkpoint(
      context_, step_, {{"cursor", cursor_}, {"num_tokens", tokens_}, {"window", window_.state()}},
      {model_, *inputs_.policy.tokenizer, optimizer_, nullptr, {}}, config_.save_total_limit);
}

void SftStage::take_step() {
  const auto documents = take_documents([this](uint64_t n) { return inputs_.data.at(n); },
                                        config_.tokens_per_step, cursor_, end_);
  const int64_t tokens =
      supervised_step(documents, config_.micro_batch_tokens, model_, optimizer_,
                      learning_rate_at(config_, step_ + 1, planned_steps_), window_);
  context_.cost.add_trained(model_.config().num_parameters(), tokens);
  ++step_;
}

void SftStage::log_window() {
  tokens_ += window_.tokens;
  context_.report(step_, planned_steps_, "update");
  json line = window_.metrics();
  line.update({{"stage", context_.name},
               {"kind", "sft"},
               {"step", step_},
               {"epoch", inputs_.data.epochs_before(cursor_)},
               {"learning_rate", learning_rate_at(config_, step_, planned_steps_)},
               {"num_tokens", tokens_},
               {"memory/peak", peak_memory_bytes()}});
  context_.log.metrics(line);
  window_ = SupervisedWindow{};
}

}  // namespace reckon::rl
