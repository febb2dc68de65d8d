#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "core/json.h"
#include "recipes/stage_inputs.h"
#include "recipes/stage_plan.h"
#include "rl/pass_at_k.h"
#include "rl/prompt_results.h"

namespace reckon::recipes {

using nlohmann::json;

namespace {

// What the column `task` of a task's problems can be: a part of a mixture, or what a data set says.
std::set<std::string> task_names(const json& task, const tasks::ProblemSource& source) {
  std::set<std::string> names;
  if (task.value("kind", "") == "mixture") {
    for (const json& part : task.at("parts")) names.insert(part.at("name").get<std::string>());
    return names;
  }
  for (const tasks::DataRow& row : source.rows()) {
    const auto found = row.columns->find("task");
    if (found != row.columns->end() && found->is_string()) names.insert(found->get<std::string>());
  }
  return names;
}

}  // namespace

/// The checks of one stage, by its kind.
class StageChecks {
 public:
  StageChecks(const StageBuilder& builder, const Recipe& recipe, size_t stage,
              std::vector<json>& rejected)
      : builder_(builder), recipe_(recipe), stage_(stage), rejected_(rejected) {}

  void operator()(const rl::PretrainConfig& config) const {
    const auto corpus = builder_.corpus(stage_, config.corpus);
    check(config.preset.empty() || config.policy.empty(), ErrorCode::invalid_argument,
          "expected either policy or preset, got both, in {}", builder_.place(stage_, "preset"));
    builder_.stage_outline(stage_);
    if (config.gate) {
      check_graded(config.gate->task, config.gate->rewards, config.gate->eval_prompts,
                   "gate/rewards");
    }
  }

  void operator()(const rl::SftConfig& config) const {
    check_has_policy(config.policy);
    check_datasets(config);
  }

  void operator()(const rl::GrpoConfig& config) const {
    check_has_policy(config.policy);
    check(config.budget_of.empty() || config.max_flops == 0.0, ErrorCode::invalid_argument,
          "expected either max_flops or budget_of, got both, in {}",
          builder_.place(stage_, "budget_of"));
    check_graded(config.task, stage_rewards(recipe_.stages[stage_]), config.eval_prompts);
  }

  void operator()(const rl::SampleConfig& config) const {
    check_has_policy(config.policy);
    const auto made = check_graded(config.task, config.rewards, 0);
    const std::string where = recipe_.source + " " + stage_pointer();
    rl::check_keep_rules(config, *made.scorer, where);
    rl::check_sample_columns(config, *made.task, where);
  }

  void operator()(const rl::DistillConfig& config) const {
    check_has_policy(config.policy);
    rl::check_distill(config, recipe_.source + " " + stage_pointer());
    if (config.method == "samples") {
      check_datasets(config);
      return;
    }
    if (config.rewards.empty()) {
      builder_.task(stage_, config.task);
    } else {
      check_graded(config.task, config.rewards, config.eval_prompts);
    }
    const auto student = builder_.stage_outline(stage_);
    const auto teacher = builder_.outline(config.teacher);
    if (student && teacher) {
      rl::check_same_tokenizer(*student->tokenizer, *teacher->tokenizer,
                               builder_.place(stage_, "teacher"));
    }
  }

  void operator()(const rl::EvalConfig& config) const {
    for (const auto& name : policy_names(config, builder_.place(stage_, "policy"))) {
      check_has_policy(name);
    }
    rl::check_k(config.k, config.num_samples, builder_.place(stage_, "k"));
    const int64_t greedy = config.greedy_prompts.value_or(config.eval_prompts);
    const auto made =
        check_graded(config.task, config.rewards, std::max(config.eval_prompts, greedy), "rewards",
                     greedy > config.eval_prompts ? "greedy_prompts" : "eval_prompts");
    if (config.group_by.empty()) return;
    rl::check_group_by(made.task->held_out(static_cast<uint64_t>(config.eval_prompts)),
                       config.group_by, builder_.place(stage_, "group_by"));
  }

 private:
  std::string stage_pointer() const { return json_pointer("/stages", stage_); }

  void check_has_policy(const std::string& policy) const {
    check(!policy.empty() || !recipe_.config.model.path.empty(), ErrorCode::invalid_argument,
          "expected the name of an earlier stage or a model folder, got none, in {}",
          builder_.place(stage_, "policy"));
  }

  // Problems, rewards, and whether enough is held out for `wanted` prompts.
  StageBuilder::Graded check_graded(const std::optional<JsonValue>& own_task,
                                    const std::vector<JsonValue>& rewards, int64_t wanted,
                                    const std::string& key = "rewards",
                                    const std::string& wanted_key = "eval_prompts") const {
    auto made = builder_.graded(stage_, own_task, rewards, key);
    check_tasks(own_task ? **own_task : **recipe_.config.task, *made.task, rewards, key);
    check(static_cast<uint64_t>(wanted) <= made.task->num_held_out(), ErrorCode::invalid_argument,
          "expected at most {} prompts (all that are held out), got {}, in {}",
          made.task->num_held_out(), wanted, builder_.place(stage_, wanted_key));
    for (const auto& row : made.rejected) {
      rejected_.push_back({{"stage", stage_name(recipe_.stages[stage_])},
                           {"row", row.line},
                           {"reward", row.reward},
                           {"gold", row.gold},
                           {"reason", row.reason}});
    }
    return made;
  }

  // Every part of a mixture that a reward names must be there: it would score nothing.
  void check_tasks(const json& task, const tasks::ProblemSource& source,
                   const std::vector<JsonValue>& rewards, const std::string& key) const {
    const auto known = task_names(task, source);
    for (size_t r = 0; r < rewards.size(); ++r) {
      for (const json& name : rewards[r]->value("tasks", json::array())) {
        check(known.contains(name.get<std::string>()), ErrorCode::invalid_argument,
              "expected a part of the task ({}), got {}, in {}/{}/tasks",
              known.empty() ? "which has no parts" : fmt::format("{}", fmt::join(known, ", ")),
              json_summary(name), builder_.place(stage_, key), r);
      }
    }
  }

  void check_datasets(const rl::SftDataOptions& options) const {
    rl::check_sft_datasets(options, builder_.context(stage_, "datasets"));
    for (size_t d = 0; d < options.datasets.size(); ++d) {
      const auto& dataset = options.datasets[d];
      if (dataset.corpus || find_stage(recipe_, dataset.samples)) continue;
      rl::check_sft_file(dataset, builder_.place(stage_, fmt::format("datasets/{}", d)));
    }
  }

  const StageBuilder& builder_;
  const Recipe& recipe_;
  size_t stage_;
  std::vector<json>& rejected_;
};

namespace {

void check_model_path(const Recipe& recipe) {
  const std::string& path = recipe.config.model.path;
  if (path.empty()) return;
  std::error_code ignored;
  check(std::filesystem::exists(path, ignored), ErrorCode::not_found,
        "expected a model folder or a GGUF file, got nothing at {}, in {} /model/path: name one "
        "with --set model.path=MODEL (scripts/setup fetches the small one of the shipped recipes, "
        "relative to the folder of the source tree)",
        path, recipe.source);
}

}  // namespace

std::vector<json> StageBuilder::check_all() const {
  compute();
  check_model_path(recipe_);
  if (recipe_.config.task) task(0, std::nullopt);
  std::vector<json> rejected;
  for (size_t i = 0; i < recipe_.stages.size(); ++i) {
    check_references(recipe_, i);
    std::visit(StageChecks(*this, recipe_, i, rejected), recipe_.stages[i]);
  }
  return rejected;
}

}  // namespace reckon::recipes
