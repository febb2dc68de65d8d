#include "rl/sft.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "core/log.h"
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
  at_.planned_steps =
      limited ? config_.max_steps : inputs_.data.count_steps(config_.tokens_per_step, end_);
  log_info("{}: {} documents an epoch, {} steps", context_.name, inputs_.data.epoch_begin(1),
           at_.planned_steps);
}

StageEnd SftStage::run() {
  const SupervisedPace pace{config_.logging_steps, config_.save_steps, config_.save_total_limit};
  const auto metrics = [&]() -> json {
    return {{"kind", "sft"},
            {"epoch", inputs_.data.epochs_before(at_.cursor)},
            {"learning_rate", learning_rate_at(config_, at_.step, at_.planned_steps)}};
  };
  return run_supervised(context_, inputs_.policy, optimizer_, pace, at_,
                        {[&] { take_step(); }, metrics});
}

void SftStage::take_step() {
  const auto documents = take_documents([this](uint64_t n) { return inputs_.data.at(n); },
                                        config_.tokens_per_step, at_.cursor, end_);
  const int64_t tokens =
      supervised_step(documents, config_.micro_batch_tokens, model_, optimizer_,
                      learning_rate_at(config_, at_.step + 1, at_.planned_steps), at_.window);
  context_.cost.add_trained(model_.config().num_parameters(), tokens);
  ++at_.step;
}

}  // namespace reckon::rl
