#include "rl/pretrain.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "core/log.h"
#include "rl/evaluate.h"
#include "rl/memory_plan.h"

namespace reckon::rl {

using nlohmann::json;

namespace {

// The configuration with its micro-batches sized, once the stage is known to fit.
PretrainConfig planned(PretrainConfig config, const PretrainInputs& inputs,
                       const StageContext& context) {
  const policy::Transformer& model = *inputs.policy.model;
  config.micro_batch_tokens =
      begin_with_plan(model.config(), memory_demand(config, model.compute()), context.name);
  return config;
}

}  // namespace

PretrainStage::PretrainStage(const PretrainConfig& config, PretrainInputs inputs,
                             const StageContext& context)
    : config_(planned(config, inputs, context)),
      inputs_(std::move(inputs)),
      context_(context),
      model_(*inputs_.policy.model),
      optimizer_(trainable(inputs_.policy, config, context), config) {
  at_.planned_steps = config_.max_steps;
}

StageEnd PretrainStage::run() {
  const SupervisedPace pace{config_.logging_steps, config_.save_steps, config_.save_total_limit};
  const auto metrics = [&]() -> json {
    return {{"kind", "pretrain"}, {"learning_rate", learning_rate(at_.step)}};
  };
  return run_supervised(context_, inputs_.policy, optimizer_, pace, at_,
                        {[&] { take_step(); }, metrics, [&] { return passes_gate(); }});
}

double PretrainStage::learning_rate(int64_t step) const {
  if (step <= config_.max_steps) return learning_rate_at(config_, step, config_.max_steps);
  // An extension falls from half of the peak to where the schedule ended.
  const double least = config_.lr_scheduler_kwargs.min_lr_ratio;
  const double left = static_cast<double>(at_.planned_steps - step) /
                      static_cast<double>(config_.gate->extra_steps);
  return config_.learning_rate * (least + (0.5 - least) * std::clamp(left, 0.0, 1.0));
}

tasks::DocumentIds PretrainStage::document(uint64_t number) const {
  // A corpus with a vocabulary of its own made the tokenizer: its ids need no way over text.
  if (!inputs_.corpus->vocabulary().empty()) return inputs_.corpus->ids_at(number);
  const auto text = inputs_.corpus->at(number);
  const auto& tokenizer = *inputs_.policy.tokenizer;
  return {tokenizer.encode(text.prompt), tokenizer.encode(text.completion)};
}

void PretrainStage::take_step() {
  const double start = steady_seconds();
  const auto documents =
      take_documents([this](uint64_t number) { return document(number); }, config_.tokens_per_step,
                     at_.cursor, std::numeric_limits<uint64_t>::max());
  at_.window.seconds += steady_seconds() - start;
  const int64_t tokens = supervised_step(documents, config_.micro_batch_tokens, model_, optimizer_,
                                         learning_rate(at_.step + 1), at_.window);
  context_.cost.add_trained(model_.config().num_parameters(), tokens);
  ++at_.step;
}

double PretrainStage::forced_accuracy(rollout::RolloutEngine& engine,
                                      const rollout::SamplingParams& base) const {
  const auto& gate = *config_.gate;
  const auto& tokenizer = *inputs_.policy.tokenizer;
  const auto token = [&](const json& word, const char* key) {
    const auto id = word.is_string() ? tokenizer.token_id(word.get<std::string>()) : std::nullopt;
    check(id.has_value(), ErrorCode::invalid_argument,
          "expected a token of the vocabulary, got {}, in gate/{} of stage {}", json_summary(word),
          key, context_.name);
    return *id;
  };
  auto params = base;
  params.forbid_until = rollout::ForbidUntil{token(gate.forbid, "forbid"), {}};
  const json until = gate.until->is_array() ? *gate.until : json::array({*gate.until});
  for (const json& word : until) params.forbid_until->until.push_back(token(word, "until"));
  EvalSettings settings;
  settings.num_prompts = gate.eval_prompts;
  settings.greedy = false;
  settings.sampling = params;
  settings.cost = &context_.cost;
  settings.num_parameters = model_.config().num_parameters();
  const json line = evaluate(engine, tokenizer, *inputs_.task, *inputs_.scorer, settings,
                             {context_.name, context_.name, at_.step, context_.seed, context_.index});
  return line.at("accuracy").get<double>();
}

bool PretrainStage::passes_gate() {
  if (!config_.gate) return true;
  context_.report(at_.step, at_.planned_steps, "gate");
  const GateConfig& gate = *config_.gate;
  const auto engine = rollout::make_engine(model_, context_.engine);
  EvalSettings settings;
  settings.num_prompts = gate.eval_prompts;
  settings.sampling.max_new_tokens = gate.max_completion_length;
  settings.sampling.stop_token_ids = stop_ids(inputs_.policy);
  settings.reflection_words = {"wait"};
  settings.cost = &context_.cost;
  settings.num_parameters = model_.config().num_parameters();
  json line = evaluate(*engine, *inputs_.policy.tokenizer, *inputs_.task, *inputs_.scorer, settings,
                       {context_.name, context_.name, at_.step, context_.seed, context_.index});
  const double forced = forced_accuracy(*engine, settings.sampling);
  const int64_t extensions = (at_.planned_steps - config_.max_steps) / gate.extra_steps;
  const bool passed = forced >= gate.forced_accuracy;
  line["gate"] = {{"forced_accuracy", forced},
                  {"wanted", gate.forced_accuracy},
                  {"passed", passed},
                  {"extensions", extensions}};
  context_.log.evaluation(line);
  log_info("{}: with {} forbidden until {}, accuracy {:.2f} (wanted {:.2f})", context_.name,
           gate.forbid, json_text(*gate.until), forced, gate.forced_accuracy);
  if (passed) return true;
  if (extensions == gate.max_extensions) {
    log_warning("{}: the gate is not passed after {} steps; what follows may not learn",
                context_.name, at_.step);
    return true;
  }
  at_.planned_steps += gate.extra_steps;
  return false;
}

}  // namespace reckon::rl
