#include "recipes/planned_cost.h"

#include <algorithm>
#include <map>

#include "recipes/stage_inputs.h"
#include "recipes/stage_plan.h"
#include "rl/sft_data.h"

namespace reckon::recipes {
namespace {

// Tokens of the longest of a task's first prompts: tasks have no bound of their own.
int64_t longest_prompt(const tasks::ProblemSource& task, const policy::Tokenizer& tokenizer) {
  constexpr uint64_t kLooked = 64;
  size_t longest = 0;
  for (uint64_t i = 0; i < kLooked; ++i) {
    longest = std::max(longest, tokenizer.encode(task.at(i).prompt).size());
  }
  return static_cast<int64_t>(longest);
}

// Rows that a stage's samples can have, and their tokens.
struct SampleBound {
  int64_t rows = 0;
  int64_t tokens_per_row = 0;
};

// The bound of one stage, by its kind.
class Planner {
 public:
  Planner(const Recipe& recipe, const StageBuilder& builder, size_t stage,
          std::map<std::string, PlannedCost>& done, std::map<std::string, SampleBound>& samples)
      : recipe_(recipe), builder_(builder), stage_(stage), done_(done), samples_(samples) {
    outline_ = builder.stage_outline(stage);
    cost_.num_parameters = outline_ ? outline_->config.num_parameters() : 0;
  }

  void operator()(const rl::PretrainConfig& config) {
    const int64_t extensions =
        config.gate ? config.gate->extra_steps * config.gate->max_extensions : 0;
    train((config.max_steps + extensions) * config.tokens_per_step);
    if (!config.gate) return;
    // Sampled, greedy and forced.
    evaluate(3 * config.gate->eval_prompts, config.gate->max_extensions + 1,
             prompt_length(config.gate->task, 1 << 20), config.gate->max_completion_length);
  }

  void operator()(const rl::SftConfig& config) { train(sft_tokens(config, config.max_steps)); }

  void operator()(const rl::GrpoConfig& config) {
    const int64_t prompts = config.max_steps * config.prompts_per_step;
    const int64_t prompt = prompt_length(config.task, config.max_prompt_length);
    const int64_t sampled = prompts * config.num_generations * config.max_completion_length;
    const int64_t rounds = config.dynamic_sampling ? config.dynamic_sampling_max_rounds : 1;
    roll_out(rounds * prompts * prompt / config.num_iterations,
             rounds * sampled / config.num_iterations);
    train(prompts * prompt + sampled);
    const bool recomputed = config.old_logprobs == "recompute";
    cost_.add_scored(cost_.num_parameters,
                     (int{recomputed} + int{config.beta > 0.0}) * (prompts * prompt + sampled));
    evaluate(config.eval_prompts * (config.num_generations_eval + 1),
             config.max_steps / config.eval_steps + 2, prompt, config.max_completion_length);
    const auto limit = done_.find(config.budget_of);
    if (limit != done_.end()) cost_.flops = std::min(cost_.flops, limit->second.cost.flops);
    if (config.max_flops > 0.0) cost_.flops = std::min(cost_.flops, config.max_flops);
  }

  void operator()(const rl::SampleConfig& config) {
    const bool again = config.min_kept > 0 || config.min_kept_per_class > 0;
    const int64_t prompts = config.num_prompts * (again ? config.max_rounds : 1);
    const int64_t prompt = prompt_length(config.task, 1 << 20);
    const int64_t rows = prompts * config.num_generations;
    roll_out(prompts * prompt, rows * config.max_completion_length);
    samples_[config.name] = {rows, prompt + config.max_completion_length};
  }

  void operator()(const rl::DistillConfig& config) {
    if (config.method == "samples") return train(sft_tokens(config, config.max_steps));
    const int64_t prompts = config.max_steps * config.prompts_per_step;
    const int64_t prompt = prompt_length(config.task, config.max_prompt_length);
    const int64_t sampled = prompts * config.num_generations * config.max_completion_length;
    roll_out(prompts * prompt, sampled);
    train(prompts * prompt + sampled);
    const auto teacher = builder_.outline(config.teacher);
    if (teacher) cost_.add_scored(teacher->config.num_parameters(), prompts * prompt + sampled);
  }

  void operator()(const rl::EvalConfig& config) {
    const int64_t prompt = prompt_length(config.task, 1 << 20);
    const int64_t greedy = config.greedy_prompts.value_or(config.eval_prompts);
    const int64_t answers = config.eval_prompts * config.num_samples + greedy;
    for (const auto& name : policy_names(config, recipe_.source)) {
      const auto outline = builder_.outline(name);
      cost_.num_parameters = outline ? outline->config.num_parameters() : 0;
      roll_out((config.eval_prompts + greedy) * prompt, answers * config.max_completion_length);
    }
  }

  PlannedCost result() const {
    return {stage_name(recipe_.stages[stage_]), stage_kind(recipe_.stages[stage_]), cost_};
  }

 private:
  void train(int64_t tokens) { cost_.add_trained(cost_.num_parameters, tokens); }

  // So many evaluations of so many answers, each with a prompt of its own.
  void evaluate(int64_t answers, int64_t times, int64_t prompt, int64_t completion) {
    roll_out(times * answers * prompt, times * answers * completion);
  }

  void roll_out(int64_t prompt_tokens, int64_t sampled) {
    cost_.add_prompt(cost_.num_parameters, prompt_tokens);
    cost_.add_sampled(cost_.num_parameters, sampled);
  }

  int64_t prompt_length(const std::optional<JsonValue>& task, int64_t limit) const {
    if (!outline_ || !outline_->tokenizer) return 0;
    const auto& tokenizer = *outline_->tokenizer;
    return std::min(limit, longest_prompt(*builder_.task(stage_, task, &tokenizer), tokenizer));
  }

  // Rows of a data set that is a file, and their tokens.
  std::pair<double, double> file_size(const rl::SftDatasetConfig& dataset) const {
    const auto rows = rl::read_sft_rows(dataset);
    double tokens = 0.0;
    for (const auto& row : rows) {
      std::string text = row.prompt + row.completion;
      for (const auto& message : row.messages) text += message.content;
      const bool known = outline_ && outline_->tokenizer;
      tokens += known ? static_cast<double>(outline_->tokenizer->encode(text).size()) : 0.0;
    }
    return {static_cast<double>(rows.size()), tokens};
  }

  // Steps times what fits into one, or what the data sets hold times the epochs.
  int64_t sft_tokens(const rl::SftDataOptions& options, int64_t max_steps) const {
    if (max_steps > 0) return max_steps * options.tokens_per_step;
    double tokens = 0.0, rows = 0.0;
    for (const auto& dataset : options.datasets) {
      if (!dataset.path.empty()) {
        const auto [file_rows, file_tokens] = file_size(dataset);
        rows += dataset.weight * file_rows;
        tokens += dataset.weight * file_tokens;
      }
      const auto found = samples_.find(dataset.samples);
      if (found == samples_.end()) continue;
      const double weighted = static_cast<double>(found->second.rows) * dataset.weight;
      rows += weighted;
      tokens += weighted * static_cast<double>(found->second.tokens_per_row);
    }
    const double generated_length =
        rows > 0.0 ? tokens / rows : static_cast<double>(options.max_length.value_or(0));
    for (const auto& dataset : options.datasets) {
      if (!dataset.corpus) continue;
      const double count = dataset.num_documents > 0 ? static_cast<double>(dataset.num_documents)
                                                     : dataset.relative_size * rows;
      tokens += dataset.weight * count * generated_length;
    }
    return static_cast<int64_t>(tokens * options.num_train_epochs);
  }

  const Recipe& recipe_;
  const StageBuilder& builder_;
  size_t stage_;
  std::map<std::string, PlannedCost>& done_;
  std::map<std::string, SampleBound>& samples_;
  std::optional<ModelOutline> outline_;
  rl::StageCost cost_;
};

}  // namespace

std::vector<PlannedCost> planned_costs(const Recipe& recipe) {
  const StageBuilder builder(recipe, {});
  std::map<std::string, PlannedCost> done;
  std::map<std::string, SampleBound> samples;
  std::vector<PlannedCost> costs;
  for (size_t i = 0; i < recipe.stages.size(); ++i) {
    Planner planner(recipe, builder, i, done, samples);
    std::visit(planner, recipe.stages[i]);
    costs.push_back(planner.result());
    done[costs.back().stage] = costs.back();
  }
  return costs;
}

}  // namespace reckon::recipes
