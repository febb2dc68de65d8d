#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "core/progress.h"
#include "policy/gguf/model_source.h"
#include "recipes/run.h"
#include "recipes/stage_inputs.h"
#include "rl/memory_plan.h"

namespace reckon::recipes {
namespace {

std::string describe_model(const policy::ModelConfig& config) {
  return fmt::format(
      "{} parameters: {} layers of width {}, {} query and {} key heads of {}, vocabulary {}",
      format_count(static_cast<double>(config.num_parameters())), config.num_hidden_layers,
      config.hidden_size, config.num_attention_heads, config.num_key_value_heads, config.head_dim,
      config.vocab_size);
}

// The memory plan of a stage; throws if it does not fit.
std::string describe_memory(const policy::ModelConfig& model, const rl::MemoryDemand& demand,
                            const std::string& place) {
  const auto available = rl::available_memory(demand.compute.device);
  if (available) rl::check_memory(model, demand, *available, place);
  return "  " + rl::plan_memory(model, demand).table(available);
}

std::string number_or_none(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "none";
}

std::string describe_grpo(const rl::GrpoConfig& c) {
  const int64_t update = c.prompts_per_step * c.num_generations;
  return fmt::format(
      "  {} prompts x {} answers = {} completions per update; {} updates per rollout = {} "
      "completions; {} pass{}\n"
      "  loss {}: advantages {}, scale_rewards {}, {}, clip {} / {}, beta {}{}\n",
      c.prompts_per_step, c.num_generations, update, c.steps_per_generation,
      update * c.steps_per_generation, c.num_iterations, c.num_iterations == 1 ? "" : "es",
      c.loss_type, *c.advantage_estimator, *c.scale_rewards, *c.loss_aggregation,
      number_or_none(c.epsilon), number_or_none(c.epsilon_high), c.beta,
      c.beta > 0.0 ? fmt::format(" ({} in the {})", *c.kl_estimator, *c.kl_placement) : "");
}

}  // namespace

std::string describe_run(const Recipe& recipe) {
  const StageBuilder builder(recipe, {});
  const auto rejected = builder.check_all();
  std::string text = fmt::format("recipe {} (hash {}), seed {}, device {}\n", recipe.config.name,
                                 recipe.hash, recipe.config.seed, builder.compute().device.str());
  std::optional<policy::ModelConfig> model;
  for (size_t i = 0; i < recipe.stages.size(); ++i) {
    const auto& stage = recipe.stages[i];
    text += fmt::format("\nstage {} of {}: {} ({})\n", i + 1, recipe.stages.size(),
                        stage_name(stage), stage_kind(stage));
    if (const auto* c = std::get_if<rl::PretrainConfig>(&stage)) {
      const auto corpus = builder.corpus(i, c->corpus);
      if (!model) model = builder.policy("", corpus.get()).model->config();
      const auto document = corpus->at(0);
      text += fmt::format("  {} steps of at most {} tokens\n  first document: {} {}\n",
                          c->max_steps, c->tokens_per_step, document.prompt, document.completion);
      text += "  model: " + describe_model(*model) + "\n" +
              describe_memory(*model, rl::memory_demand(*c, builder.compute()), c->name);
    } else if (const auto* g = std::get_if<rl::GrpoConfig>(&stage)) {
      const auto task = builder.task(i, g->task);
      text += fmt::format("  {} steps\n", g->max_steps) + describe_grpo(*g);
      text += "  task: " + task->summary() + "\n  first prompt: " + task->at(0).prompt + "\n";
      const auto& path = recipe.config.model.path;
      if (!model && !path.empty()) model = policy::open_model_source(path).config;
      if (model) {
        const int64_t together = recipe.config.speed.rows_per_thread * at::get_num_threads();
        text +=
            describe_memory(*model, rl::memory_demand(*g, builder.compute(), together), g->name);
      }
    } else {
      const auto& e = std::get<rl::EvalConfig>(stage);
      text += fmt::format("  {} held-out prompts, {} samples each at temperature {}, and greedy\n",
                          e.eval_prompts, e.num_samples, e.temperature);
    }
  }
  if (!rejected.empty()) {
    text += fmt::format("{} rows would be left out: a reward cannot read their gold. The first: {}\n",
                        rejected.size(), json_text(rejected.front()));
  }
  return text;
}

}  // namespace reckon::recipes
