#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "core/progress.h"
#include "recipes/run.h"
#include "recipes/stage_inputs.h"
#include "recipes/stage_plan.h"
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

std::string first_prompt(const tasks::ProblemSource& task) {
  return "  task: " + task.summary() + "\n  first prompt: " + task.at(0).prompt + "\n";
}

// What is said of one stage, by its kind.
class Description {
 public:
  Description(const Recipe& recipe, const StageBuilder& builder, size_t stage)
      : recipe_(recipe), builder_(builder), stage_(stage) {
    const auto outline = builder.stage_outline(stage);
    if (outline) model_ = outline->config;
  }

  std::string operator()(const rl::PretrainConfig& c) const {
    const auto document = builder_.corpus(stage_, c.corpus)->at(0);
    return fmt::format("  {}, {} steps of at most {} tokens\n  first document: {} {}\n",
                       c.policy.empty() ? "a new model" : "starts from " + c.policy, c.max_steps,
                       c.tokens_per_step, document.prompt, document.completion) +
           (model_ ? "  model: " + describe_model(*model_) + "\n" : "") +
           memory(rl::memory_demand(c, builder_.compute()), c.name);
  }

  std::string operator()(const rl::SftConfig& c) const {
    return "  starts from " + start(c.policy) + ";" + datasets(c, c.max_steps) +
           memory(rl::memory_demand(c, builder_.compute()), c.name);
  }

  std::string operator()(const rl::GrpoConfig& c) const {
    const int64_t together = recipe_.config.speed.rows_per_thread * at::get_num_threads();
    return fmt::format("  starts from {}; {} steps{}\n", start(c.policy), c.max_steps,
                       c.budget_of.empty() ? "" : " at most, with the budget of " + c.budget_of) +
           describe_grpo(c) + first_prompt(*builder_.task(stage_, c.task)) +
           memory(rl::memory_demand(c, builder_.compute(), together), c.name);
  }

  std::string operator()(const rl::SampleConfig& c) const {
    return fmt::format(
               "  {} answers {} problems, {} answers each at temperature {}; kept: {}{}{} rules\n",
               start(c.policy), c.num_prompts, c.num_generations, c.temperature,
               c.correct ? "right answers, " : "", c.ended ? "that ended, " : "", c.keep.size()) +
           first_prompt(*builder_.task(stage_, c.task));
  }

  std::string operator()(const rl::DistillConfig& c) const {
    const std::string head = "  student: " + start(c.policy) + ";";
    if (c.method == "samples") return head + datasets(c, c.max_steps);
    return head +
           fmt::format(" teacher: {}; {} steps of {} prompts x {} answers of the student\n",
                       c.teacher, c.max_steps, c.prompts_per_step, c.num_generations) +
           first_prompt(*builder_.task(stage_, c.task));
  }

  std::string operator()(const rl::EvalConfig& c) const {
    return fmt::format("  {} policies; {} held-out prompts, {} samples each at temperature {}, and "
                       "greedy\n",
                       policy_names(c, recipe_.source).size(), c.eval_prompts, c.num_samples,
                       c.temperature);
  }

 private:
  std::string start(const std::string& policy) const {
    return policy.empty() ? recipe_.config.model.path : policy;
  }

  static std::string datasets(const rl::SftDataOptions& options, int64_t max_steps) {
    std::string text = max_steps > 0 ? fmt::format(" {} steps", max_steps)
                                     : fmt::format(" {} epochs", options.num_train_epochs);
    text += fmt::format(" of at most {} tokens a step over", options.tokens_per_step);
    for (const auto& dataset : options.datasets) {
      text += dataset.corpus ? " generated documents," : " " + dataset.samples + dataset.path + ",";
    }
    text.back() = '\n';
    return text;
  }

  std::string memory(const rl::MemoryDemand& demand, const std::string& place) const {
    return model_ ? describe_memory(*model_, demand, place) : "";
  }

  const Recipe& recipe_;
  const StageBuilder& builder_;
  size_t stage_;
  std::optional<policy::ModelConfig> model_;
};

}  // namespace

std::string describe_run(const Recipe& recipe, bool in_detail) {
  const StageBuilder builder(recipe, {});
  const auto rejected = builder.check_all();
  std::string text = fmt::format("recipe {} (hash {}), seed {}, device {}\n", recipe.config.name,
                                 recipe.hash, recipe.config.seed, builder.compute().device.str());
  for (size_t i = 0; i < recipe.stages.size(); ++i) {
    const auto& stage = recipe.stages[i];
    const std::string description = std::visit(Description(recipe, builder, i), stage);
    const std::string name = stage_name(stage) + " (" + stage_kind(stage) + ")";
    if (in_detail) {
      text += fmt::format("\nstage {} of {}: {}\n", i + 1, recipe.stages.size(), name);
      text += description;
    } else {
      text += fmt::format("{:>4}. {:<28}", i + 1, name) +
              description.substr(0, description.find('\n') + 1);
    }
  }
  if (!rejected.empty()) {
    text += fmt::format("{} rows would be left out: a reward cannot read their gold. The first: {}\n",
                        rejected.size(), json_text(rejected.front()));
  }
  return text;
}

}  // namespace reckon::recipes
