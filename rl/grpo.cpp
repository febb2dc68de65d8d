#include "rl/grpo.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/log.h"
#include "core/shutdown.h"
#include "rl/evaluate.h"
#include "rl/memory_plan.h"
#include "rl/rollout_advantages.h"
#include "rl/rollout_logprobs.h"

namespace reckon::rl {
namespace {

using nlohmann::json;

rollout::SamplingParams grpo_sampling(const GrpoConfig& config, const policy::Pretrained& policy) {
  auto params = sampling_params(config, policy);
  params.min_p = config.min_p.value_or(0.0);
  return params;
}

// Whether a completion that was read from a checkpoint has all that updates need.
bool is_whole(const GrpoConfig& config, const ScoredCompletion& sample, size_t rewards) {
  const size_t length = sample.completion.ids.size();
  const bool recomputed = config.old_logprobs == "recompute";
  const bool in_reward = config.beta > 0.0 && *config.kl_placement == "reward";
  return length > 0 && sample.completion.logprobs.size() == length &&
         sample.old_logprobs.size() == (recomputed ? length : 0) &&
         sample.ref_logprobs.size() == (in_reward ? length : 0) && sample.scores.size() == rewards;
}

// The configuration with its micro-batches sized, once the stage is known to fit.
GrpoConfig planned(GrpoConfig config, const GrpoInputs& inputs, const StageContext& context) {
  const policy::Transformer& model = *inputs.policy.model;
  const int64_t together = context.engine.rows_per_thread * at::get_num_threads();
  config.micro_batch_tokens = begin_with_plan(
      model.config(), memory_demand(config, model.compute(), together), context.name);
  return config;
}

}  // namespace

GrpoStage::GrpoStage(const GrpoConfig& config, GrpoInputs inputs, const StageContext& context)
    : config_(planned(config, inputs, context)),
      inputs_(std::move(inputs)),
      context_(context),
      model_(*inputs_.policy.model),
      optimizer_(trainable(inputs_.policy, config, context), config),
      entropy_(config) {
  if (config_.beta > 0.0 && model_.lora()) {
    reference_ = model_.base_model();
  } else if (config_.beta > 0.0) {
    reference_ = std::make_unique<policy::Transformer>(model_.config(), context.options);
    reference_->copy_from(model_);
    reference_->set_storage(model_.head().storage);
  }
  engine_ = rollout::make_engine(model_, context.engine);
}

GrpoStage::~GrpoStage() = default;

StageEnd GrpoStage::run() {
  restore();
  if (grpo_sampling(config_, inputs_.policy).truncates()) {
    log_warning(
        "{}: top_p, top_k and min_p change what is sampled but not the log-probabilities "
        "that ratios are made of: the gradient is biased",
        context_.name);
  }
  if (step_ == 0 && config_.eval_prompts > 0) evaluate_policy();
  Progress progress(context_.name, static_cast<uint64_t>(config_.max_steps), stderr,
                    {.is_terminal = context_.is_terminal, .done = static_cast<uint64_t>(step_)});
  while (!is_complete()) {
    take_step();
    progress.update(static_cast<uint64_t>(step_), progress_);
    const bool last = is_complete();
    if (config_.eval_prompts > 0 && (step_ % config_.eval_steps == 0 || last)) evaluate_policy();
    const bool stop = shutdown_requested() && !last;
    if (stop || (step_ % config_.save_steps == 0 && !last)) save(!last);
    if (stop) return StageEnd::stopped;
  }
  progress.finish();
  save(false);
  save_result(context_, model_, *inputs_.policy.tokenizer);
  return StageEnd::finished;
}

void GrpoStage::restore() {
  const auto read = [&](const json& state) {
    cursor_.next = state.at("cursor").get<uint64_t>();
    tokens_ = state.at("num_tokens").get<int64_t>();
    if (!config_.use_adaptive_entropy) return;
    const json& entropy = state.at("entropy");
    const json& last = entropy.at("last");
    entropy_.restore(entropy.at("coefficient").get<double>(),
                     last.is_null() ? std::nullopt : std::optional(last.get<double>()));
  };
  const auto found = restore_checkpoint(context_, model_, optimizer_, reference_.get(), read);
  if (!found) return;
  step_ = found->step;
  if (!is_complete() && step_in_rollout() != 0) restore_rollout(found->folder);
}

void GrpoStage::restore_rollout(const std::filesystem::path& checkpoint) {
  const auto file = checkpoint / "rollout.jsonl";
  const auto lines = load_checkpoint_rollout(checkpoint);
  if (!lines.empty()) {
    read_members(file,
                 [&] { rollout_ = read_rollout(lines, *inputs_.task, *inputs_.policy.tokenizer); });
  }
  for (ScoredGroup& group : rollout_.groups) {
    for (auto& sample : group.completions) {
      sample.accuracy_index = inputs_.scorer->accuracy_index(group.problem);
    }
  }
  const auto wanted = config_.prompts_per_step * config_.steps_per_generation;
  const auto whole = [&](const ScoredGroup& group) {
    return std::ssize(group.completions) == config_.num_generations &&
           std::ranges::all_of(group.completions, [&](const ScoredCompletion& sample) {
             return is_whole(config_, sample, inputs_.scorer->rewards().size());
           });
  };
  const auto found = std::ranges::count_if(rollout_.groups, whole);
  check(found == wanted && std::ssize(rollout_.groups) == wanted, ErrorCode::corrupt,
        "expected {} groups of {} scored completions, got {}, in {}", wanted,
        config_.num_generations, found, file.string());
  set_advantages();
}

void GrpoStage::save(bool mid_stage) {
  context_.report(step_, config_.max_steps, "checkpoint");
  CheckpointParts parts{model_, *inputs_.policy.tokenizer, optimizer_, reference_.get(), {}};
  if (mid_stage && step_in_rollout() != 0) parts.rollout = write_rollout(rollout_);
  json state = {{"cursor", cursor_.next}, {"num_tokens", tokens_}};
  if (config_.use_adaptive_entropy) {
    const auto last = entropy_.last_entropy();
    state["entropy"] = {{"coefficient", entropy_.coefficient()},
                        {"last", last ? json(*last) : json()}};
  }
  save_checkpoint(context_, step_, state, parts, config_.save_total_limit);
}

void GrpoStage::sample_into_buffer(int64_t count) {
  const StreamAddress address{context_.seed, context_.index, Purpose::sample,
                              static_cast<uint64_t>(rollout_.first_step)};
  auto problems = next_problems(*inputs_.task, *inputs_.policy.tokenizer, config_.max_prompt_length,
                                count, context_.name, cursor_);
  auto groups =
      sample_groups(*engine_, *inputs_.policy.tokenizer, *inputs_.scorer, std::move(problems),
                    config_.num_generations, grpo_sampling(config_, inputs_.policy), address);
  add_rollout_logprobs(config_, groups, model_, reference_.get());
  count_rollout(groups);
  for (auto& group : groups) rollout_.groups.push_back(std::move(group));
}

void GrpoStage::count_rollout(std::span<const ScoredGroup> groups) {
  const int64_t parameters = model_.config().num_parameters();
  count_sampling(context_.cost, parameters, groups);
  int64_t sampled = 0, prompts = 0;
  for (const ScoredGroup& group : groups) {
    prompts += std::ssize(group.prompt_ids);
    for (const auto& sample : group.completions) sampled += sample.length();
  }
  rollout_.sampled_tokens += sampled;
  // Forward passes alone: old log-probabilities once, those of the reference once or in each pass.
  int64_t passes = config_.old_logprobs == "recompute" ? 1 : 0;
  if (reference_) passes += *config_.kl_placement == "reward" ? 1 : config_.num_iterations;
  context_.cost.add_scored(parameters, passes * (prompts + sampled));
}

bool GrpoStage::is_complete() const {
  return step_ >= config_.max_steps ||
         (config_.max_flops > 0.0 && context_.cost.flops >= config_.max_flops);
}

void GrpoStage::collect_rollout() {
  context_.report(step_, config_.max_steps, "rollout");
  const double start = steady_seconds();
  const int64_t wanted = config_.prompts_per_step * config_.steps_per_generation;
  rollout_ = RolloutBuffer{};
  rollout_.first_step = step_ + 1;
  sample_into_buffer(wanted);
  set_advantages();
  // Dynamic sampling (DAPO, 2503.14476): replace groups without signal, in prompt order.
  int64_t sampled = wanted;
  for (rollout_.dynamic_rounds = 1; config_.dynamic_sampling; ++rollout_.dynamic_rounds) {
    std::vector<ScoredGroup> silent;
    for (auto& group : rollout_.groups) {
      if (group.zero_std) silent.push_back(group);
    }
    if (silent.empty() || rollout_.dynamic_rounds == config_.dynamic_sampling_max_rounds) break;
    std::erase_if(rollout_.groups, [](const ScoredGroup& group) { return group.zero_std; });
    sample_into_buffer(static_cast<int64_t>(silent.size()));
    sampled += static_cast<int64_t>(silent.size());
    set_advantages();
  }
  const auto kept = std::ranges::count_if(rollout_.groups, [](auto& g) { return !g.zero_std; });
  rollout_.dynamic_kept = static_cast<double>(kept) / static_cast<double>(sampled);
  if (config_.dynamic_sampling && kept < wanted) {
    log_warning("{}: {} of {} groups have signal after {} rounds of sampling", context_.name, kept,
                wanted, rollout_.dynamic_rounds);
  }
  tokens_ += rollout_.sampled_tokens;
  rollout_.rollout_seconds = steady_seconds() - start;
}

void GrpoStage::set_advantages() {
  std::vector<double> weights;
  for (const auto& reward : inputs_.scorer->rewards()) weights.push_back(reward->weight());
  set_rollout_advantages(config_, weights, rollout_.groups);
}

std::span<const ScoredGroup> GrpoStage::minibatch() const {
  const auto size = static_cast<size_t>(config_.prompts_per_step);
  const auto number = static_cast<size_t>(step_in_rollout() % config_.steps_per_generation);
  return std::span(rollout_.groups).subspan(number * size, size);
}

void GrpoStage::take_step() {
  const double start = steady_seconds();
  const int64_t position = step_in_rollout();
  if (position == 0) collect_rollout();
  context_.report(step_, config_.max_steps, "update");
  const auto groups = minibatch();
  if (position < config_.steps_per_generation) {
    for (const ScoredGroup& group : groups) {
      for (size_t s = 0; s < group.completions.size(); ++s) {
        json line = completion_line(context_.name, step_ + 1, group, s, *inputs_.scorer);
        if (config_.log_completion_logprobs) {
          add_tokens(line, group.completions[s], *inputs_.policy.tokenizer);
        }
        context_.log.completion(line);
      }
    }
  }
  const double update_start = steady_seconds();
  const double rate = learning_rate_at(config_, step_ + 1, config_.max_steps);
  GrpoConfig config = config_;
  config.entropy_coef = entropy_.in_effect();
  const auto update = grpo_update(config, groups, model_, reference_.get(), optimizer_, rate);
  context_.cost.add_trained(model_.config().num_parameters(), update.trained_tokens);
  entropy_.observe(update.entropy);
  if (position == 0) rollout_.gap = update.gap;
  check(
      rollout_.gap.mismatch_k3 <= config_.mismatch_stop, ErrorCode::internal,
      "expected sampler and trainer to agree within {} nats, got {}, in stage {} step {}: the run "
      "stops rather than train on wrong ratios",
      config_.mismatch_stop, rollout_.gap.mismatch_k3, context_.name, step_ + 1);
  ++step_;
  const double now = steady_seconds();
  log_step(groups, update, config.entropy_coef, now - start, now - update_start);
  maybe_refresh_reference();
}

void GrpoStage::log_step(std::span<const ScoredGroup> groups, const UpdateResult& update,
                         double entropy_coef, double seconds, double update_seconds) {
  json line = {{"stage", context_.name},
               {"kind", "grpo"},
               {"step", step_},
               {"learning_rate", learning_rate_at(config_, step_, config_.max_steps)},
               {"num_tokens", tokens_},
               {"step_time", seconds},
               {"time/update", update_seconds},
               {"memory/peak", peak_memory_bytes()}};
  line.update(completion_metrics(config_, groups, *inputs_.scorer));
  line.update(update_metrics(config_, update, rollout_.gap));
  line["entropy_coef"] = entropy_coef;
  const int64_t staleness = (step_ - 1) % updates_per_rollout();
  line["sampling/staleness_mean"] = line["sampling/staleness_max"] = staleness;
  if (config_.dynamic_sampling) {
    line["dynamic_sampling/rounds"] = rollout_.dynamic_rounds;
    line["dynamic_sampling/kept_frac"] = rollout_.dynamic_kept;
  }
  if ((step_ - 1) % updates_per_rollout() == 0) {
    line["time/rollout"] = rollout_.rollout_seconds;
    line["tokens_per_second/rollout"] =
        static_cast<double>(rollout_.sampled_tokens) / rollout_.rollout_seconds;
  }
  line["tokens_per_second/update"] = static_cast<double>(update.trained_tokens) / update_seconds;
  context_.log.metrics(line);
  context_.log.histogram(context_.name + "/completions/length", completion_lengths(groups), step_);
  if (step_ == 1 || step_ % config_.eval_steps == 0) {
    context_.log.example(context_.name + "/completion", groups[0].problem.prompt,
                         groups[0].completions[0].text, step_);
  }
  progress_ = fmt::format("reward {:.2f}  length {:.0f}",
                          line["reward"].is_null() ? 0.0 : line["reward"].get<double>(),
                          line["completions/mean_length"].get<double>());
}

void GrpoStage::maybe_refresh_reference() {
  // Only between rollouts, so that all minibatches of one rollout see one reference.
  if (!reference_ || !config_.sync_ref_model || step_in_rollout() != 0) return;
  const int64_t before = step_ - updates_per_rollout();
  if (step_ / config_.ref_model_sync_steps == before / config_.ref_model_sync_steps) return;
  const at::NoGradGuard no_grad;
  const auto from = model_.parameters();
  auto to = reference_->parameters();
  for (size_t i = 0; i < to.size(); ++i) to[i].lerp_(from[i], config_.ref_model_mixup_alpha);
  reference_->repack();
}

void GrpoStage::evaluate_policy() {
  context_.report(step_, config_.max_steps, "evaluation");
  EvalSettings settings;
  settings.num_prompts = config_.eval_prompts;
  settings.num_samples = config_.num_generations_eval;
  settings.sampling = grpo_sampling(config_, inputs_.policy);
  settings.reflection_words = config_.reflection_words;
  settings.cost = &context_.cost;
  settings.num_parameters = model_.config().num_parameters();
  context_.log.evaluation(
      evaluate(*engine_, *inputs_.policy.tokenizer, *inputs_.task, *inputs_.scorer, settings,
               {context_.name, context_.name, step_, context_.seed, context_.index}));
}

}  // namespace reckon::rl
