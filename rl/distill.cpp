#include "rl/distill.h"

#include <nlohmann/json.hpp>
#include <numeric>

#include "core/error.h"
#include "core/log.h"
#include "core/shutdown.h"
#include "rl/distill_loss.h"
#include "rl/evaluate.h"
#include "rl/grpo_metrics.h"
#include "rl/memory_plan.h"
#include "rl/packing.h"

namespace reckon::rl {

using nlohmann::json;

namespace {

// The configuration with its micro-batches sized, once the stage is known to make sense and to fit.
DistillConfig planned(DistillConfig config, const DistillInputs& inputs,
                      const StageContext& context) {
  check(config.method == "on_policy", ErrorCode::invalid_argument,
        "expected method on_policy, got {}, in stage {}", config.method, context.name);
  check_distill(config, "stage " + context.name);
  check_same_tokenizer(*inputs.policy.tokenizer, *inputs.teacher.tokenizer,
                       "teacher of stage " + context.name);
  const policy::Transformer& model = *inputs.policy.model;
  const int64_t together = context.engine.rows_per_thread * at::get_num_threads();
  auto demand = memory_demand(config, model.compute(), together);
  demand.teacher_parameters = inputs.teacher.model->config().num_parameters();
  config.micro_batch_tokens = begin_with_plan(model.config(), demand, context.name);
  return config;
}

std::vector<TrainingSequence> sequences_of(const std::vector<ScoredGroup>& groups) {
  std::vector<TrainingSequence> out;
  for (const ScoredGroup& group : groups) {
    for (const ScoredCompletion& sample : group.completions) {
      out.push_back({group.prompt_ids, sample.completion.ids, {}});
    }
  }
  return out;
}

}  // namespace

DistillStage::DistillStage(const DistillConfig& config, DistillInputs inputs,
                           const StageContext& context)
    : config_(planned(config, inputs, context)),
      inputs_(std::move(inputs)),
      context_(context),
      model_(*inputs_.policy.model),
      optimizer_(trainable(inputs_.policy, config, context), config) {
  inputs_.teacher.model->requires_grad(false);
  engine_ = rollout::make_engine(model_, context.engine);
}

DistillStage::~DistillStage() = default;

StageEnd DistillStage::run() {
  restore();
  const bool evaluates = config_.eval_prompts > 0;
  if (step_ == 0 && evaluates) evaluate_student();
  Progress progress(context_.name, static_cast<uint64_t>(config_.max_steps), stderr,
                    {.is_terminal = context_.is_terminal, .done = static_cast<uint64_t>(step_)});
  while (step_ < config_.max_steps) {
    take_step();
    progress.update(static_cast<uint64_t>(step_), progress_);
    const bool last = step_ == config_.max_steps;
    if (evaluates && (step_ % config_.eval_steps == 0 || last)) evaluate_student();
    const bool stop = shutdown_requested() && !last;
    if (stop || last || step_ % config_.save_steps == 0) save();
    if (stop) return StageEnd::stopped;
  }
  progress.finish();
  save_result(context_, model_, *inputs_.policy.tokenizer);
  return StageEnd::finished;
}

void DistillStage::restore() {
  const auto read = [&](const json& state) {
    cursor_.next = state.at("cursor").get<uint64_t>();
    tokens_ = state.at("num_tokens").get<int64_t>();
  };
  const auto found = restore_checkpoint(context_, model_, optimizer_, nullptr, read);
  if (found) step_ = found->step;
}

void DistillStage::save() {
  context_.report(step_, config_.max_steps, "checkpoint");
  save_checkpoint(context_, step_, {{"cursor", cursor_.next}, {"num_tokens", tokens_}},
                  {model_, *inputs_.policy.tokenizer, optimizer_, nullptr, {}},
                  config_.save_total_limit);
}

rollout::SamplingParams DistillStage::sampling_params() const {
  rollout::SamplingParams params;
  params.temperature = config_.temperature;
  params.max_new_tokens = config_.max_completion_length;
  params.stop_token_ids = stop_ids(inputs_.policy);
  return params;
}

std::vector<ScoredGroup> DistillStage::sample() {
  context_.report(step_, config_.max_steps, "rollout");
  const StreamAddress address{context_.seed, context_.index, Purpose::sample,
                              static_cast<uint64_t>(step_ + 1)};
  auto problems = next_problems(*inputs_.task, *inputs_.policy.tokenizer, config_.max_prompt_length,
                                config_.prompts_per_step, context_.name, cursor_);
  const Scorer& scorer = inputs_.scorer ? *inputs_.scorer : no_rewards_;
  auto groups = sample_groups(*engine_, *inputs_.policy.tokenizer, scorer, std::move(problems),
                              config_.num_generations, sampling_params(), address);
  count_sampling(context_.cost, model_.config().num_parameters(), groups);
  for (const ScoredGroup& group : groups) {
    for (size_t s = 0; s < group.completions.size(); ++s) {
      tokens_ += group.completions[s].length();
      context_.log.completion(completion_line(context_.name, step_ + 1, group, s, scorer));
    }
  }
  return groups;
}

DistillStage::Update DistillStage::update(const std::vector<ScoredGroup>& groups) {
  context_.report(step_, config_.max_steps, "update");
  Update out;
  const auto sequences = sequences_of(groups);
  int64_t tokens = 0;
  for (const auto& sequence : sequences) tokens += std::ssize(sequence.completion);
  const double weight = 1.0 / static_cast<double>(tokens);
  optimizer_.zero_grad();
  for (const MicroBatch& batch :
       pack_sequences(sequences, config_.micro_batch_tokens, model_.embedding().device())) {
    out.trained_tokens += batch.batch.ids.numel();
    at::Tensor judged;
    {
      const at::NoGradGuard no_grad;
      judged = inputs_.teacher.model->forward(batch.batch);
    }
    const auto hidden = model_.forward(batch.batch);
    const auto apart =
        token_divergence_backward({hidden, model_.head()}, {judged, inputs_.teacher.model->head()},
                                  batch.rows, config_.beta, weight);
    out.loss += weight * apart.divergence.sum(at::kDouble).item<double>();
    out.reverse_kl += weight * apart.reverse_kl.sum(at::kDouble).item<double>();
  }
  context_.cost.add_scored(inputs_.teacher.model->config().num_parameters(), out.trained_tokens);
  context_.cost.add_trained(model_.config().num_parameters(), out.trained_tokens);
  out.grad_norm = optimizer_.step(learning_rate_at(config_, step_ + 1, config_.max_steps));
  return out;
}

void DistillStage::take_step() {
  const double start = steady_seconds();
  const auto groups = sample();
  const double sampled = steady_seconds();
  const Update taken = update(groups);
  ++step_;
  log_step(groups, taken, sampled - start, steady_seconds() - sampled);
}

void DistillStage::log_step(const std::vector<ScoredGroup>& groups, const Update& update,
                            double rollout_time, double update_time) {
  json line = {{"stage", context_.name},
               {"kind", "distill"},
               {"step", step_},
               {"loss", update.loss},
               {"kl", update.reverse_kl},
               {"grad_norm", update.grad_norm},
               {"learning_rate", learning_rate_at(config_, step_, config_.max_steps)},
               {"num_tokens", tokens_},
               {"step_time", rollout_time + update_time},
               {"time/rollout", rollout_time},
               {"time/update", update_time},
               {"memory/peak", peak_memory_bytes()}};
  line.update(length_metrics(groups));
  if (inputs_.scorer) line.update(reward_metrics(groups, *inputs_.scorer));
  const auto lengths = completion_lengths(groups);
  line["tokens_per_second/rollout"] =
      std::accumulate(lengths.begin(), lengths.end(), 0.0) / rollout_time;
  line["tokens_per_second/update"] = static_cast<double>(update.trained_tokens) / update_time;
  context_.log.metrics(line);
  context_.log.histogram(context_.name + "/completions/length", lengths, step_);
  if (step_ == 1 || step_ % config_.eval_steps == 0) {
    context_.log.example(context_.name + "/completion", groups[0].problem.prompt,
                         groups[0].completions[0].text, step_);
  }
  progress_ = fmt::format("loss {:.3f}  length {:.0f}", update.loss,
                          line["completions/mean_length"].get<double>());
}

void DistillStage::evaluate_student() {
  context_.report(step_, config_.max_steps, "evaluation");
  EvalSettings settings;
  settings.num_prompts = config_.eval_prompts;
  settings.sampling = sampling_params();
  settings.reflection_words = {"wait"};
  settings.cost = &context_.cost;
  settings.num_parameters = model_.config().num_parameters();
  context_.log.evaluation(
      evaluate(*engine_, *inputs_.policy.tokenizer, *inputs_.task, *inputs_.scorer, settings,
               {context_.name, context_.name, step_, context_.seed, context_.index}));
}

}  // namespace reckon::rl
