#include "recipes/run_stage.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/log.h"
#include "core/progress.h"
#include "core/shutdown.h"
#include "recipes/stage_plan.h"
#include "rl/evaluate.h"

namespace reckon::recipes {
namespace {

using nlohmann::json;

rl::EvalSettings eval_settings(const rl::EvalConfig& config, const policy::Pretrained& policy) {
  rl::EvalSettings settings;
  settings.num_prompts = config.eval_prompts;
  settings.num_samples = config.num_samples;
  settings.greedy_prompts = config.greedy_prompts;
  settings.list_prompts = true;
  settings.k = config.k;
  settings.sampling = rl::sampling_params(config, policy);
  settings.reflection_words = config.reflection_words;
  settings.group_by = config.group_by;
  return settings;
}

// One stage of a recipe and what it runs with.
struct Runner {
  const Recipe& recipe;
  size_t i;
  const StageBuilder& builder;
  const rl::StageContext& context;

  // Notes whose parameters the stage's cost is counted with.
  void count_model(const policy::Pretrained& policy) const {
    context.cost.num_parameters = policy.model->config().num_parameters();
  }

  rl::StageEnd operator()(const rl::PretrainConfig& config) const {
    auto inputs = builder.pretrain_inputs(i);
    count_model(inputs.policy);
    return rl::PretrainStage(config, std::move(inputs), context).run();
  }

  rl::StageEnd operator()(const rl::SftConfig& config) const {
    auto inputs = builder.sft_inputs(i);
    count_model(inputs.policy);
    return rl::SftStage(config, std::move(inputs), context).run();
  }

  rl::StageEnd operator()(rl::GrpoConfig config) const {
    auto inputs = builder.grpo_inputs(i);
    count_model(inputs.policy);
    if (!config.budget_of.empty()) config.max_flops = flops_of(config.budget_of);
    return rl::GrpoStage(config, std::move(inputs), context).run();
  }

  rl::StageEnd operator()(const rl::SampleConfig& config) const {
    auto inputs = builder.sample_inputs(i);
    count_model(inputs.policy);
    return rl::SampleStage(config, std::move(inputs), context).run();
  }

  rl::StageEnd operator()(const rl::DistillConfig& config) const {
    if (config.method == "samples") return (*this)(rl::sft_config(config));
    auto inputs = builder.distill_inputs(i);
    count_model(inputs.policy);
    return rl::DistillStage(config, std::move(inputs), context).run();
  }

  rl::StageEnd operator()(const rl::EvalConfig& config) const {
    const auto names = policy_names(config, recipe.source);
    const auto count = static_cast<int64_t>(names.size());
    Progress progress(context.name, names.size(), stderr, {.is_terminal = context.is_terminal});
    for (int64_t n = 0; n < count; ++n) {
      context.report(n, count, "evaluation");
      const auto& name = names[static_cast<size_t>(n)];
      // An interrupted evaluation is repeated from its beginning when the run goes on.
      if (!evaluate_policy(config, name)) return rl::StageEnd::stopped;
      progress.update(static_cast<uint64_t>(n + 1), name);
    }
    context.report(count, count, "evaluation");
    return rl::StageEnd::finished;
  }

  // Whether the evaluation of one policy came to its end.
  bool evaluate_policy(const rl::EvalConfig& config, const std::string& name) const {
    const auto pretrained = builder.policy(name);
    count_model(pretrained);
    auto speed = context.engine;
    speed.stop = shutdown_requested;
    const auto engine = rollout::make_engine(*pretrained.model, speed);
    const auto made =
        builder.graded(i, config.task, config.rewards, "rewards", pretrained.tokenizer.get());
    auto settings = eval_settings(config, pretrained);
    settings.cost = &context.cost;
    settings.num_parameters = context.cost.num_parameters;
    const json line =
        rl::evaluate(*engine, *pretrained.tokenizer, *made.task, *made.scorer, settings,
                     {context.name, name, 0, context.seed, context.index});
    if (line.is_null()) return false;
    context.log.evaluation(line);
    return true;
  }

  // What an earlier stage used up.
  double flops_of(const std::string& stage) const {
    const auto file = context.folder.parent_path() / stage / "cost.json";
    rl::StageCost cost;
    const json value = read_json_file(file);
    rl::read_members(file, [&] { cost = rl::read_cost(value); });
    return cost.flops;
  }
};

}  // namespace

rl::StageEnd run_stage(const Recipe& recipe, size_t i, const StageBuilder& builder,
                       const rl::StageContext& context) {
  return std::visit(Runner{recipe, i, builder, context}, recipe.stages[i]);
}

}  // namespace reckon::recipes
