#include "recipes/stage_inputs.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "policy/chat/chat_format.h"
#include "rewards/format.h"
#include "rewards/judge/judge_client.h"
#include "rl/chat_problems.h"
#include "rl/pass_at_k.h"
#include "rl/prompt_results.h"

namespace reckon::recipes {
namespace {

using nlohmann::json;

std::string stage_pointer(size_t stage, const std::string& key) {
  return json_pointer(json_pointer("/stages", stage), key);
}

// Loads the policy of a stage and chooses what its products read.
policy::Pretrained load(const std::filesystem::path& path, const policy::Compute& compute) {
  auto loaded = policy::load_pretrained(path, compute.options());
  loaded.model->set_storage(compute.storage);
  return loaded;
}

rewards::JudgeOptions judge_options(const RecipeConfig& config) {
  rewards::JudgeOptions options;
  options.workers = static_cast<int>(config.speed.grading_workers);
  options.sandboxes = static_cast<int>(config.speed.parallel_sandboxes);
  options.best_effort = config.sandbox.require == "best_effort";
  return options;
}

}  // namespace

std::vector<std::string> policy_names(const rl::EvalConfig& config, const std::string& where) {
  const json& value = *config.policy;
  const json list = value.is_array() ? value : json::array({value});
  std::vector<std::string> names;
  for (const json& name : list) {
    check(name.is_string(), ErrorCode::invalid_argument,
          "expected the name of a stage or a list of them, got {}, in {}", json_summary(value),
          where);
    names.push_back(name.get<std::string>());
  }
  check(!names.empty(), ErrorCode::invalid_argument,
        "expected at least one policy, got none, in {}", where);
  return names;
}

StageBuilder::StageBuilder(const Recipe& recipe, std::filesystem::path run_folder)
    : recipe_(recipe),
      run_folder_(std::move(run_folder)),
      services_{std::make_shared<rewards::JudgeClient>(judge_options(recipe.config))} {}

tasks::SourceContext StageBuilder::context(size_t stage, const std::string& key) const {
  return {stage_pointer(stage, key), recipe_.source, recipe_.config.seed,
          static_cast<uint32_t>(stage)};
}

std::unique_ptr<tasks::ProblemSource> StageBuilder::task(size_t stage,
                                                         const std::optional<JsonValue>& own,
                                                         const policy::Tokenizer* tokenizer) const {
  auto source = plain_task(stage, own);
  if (tokenizer == nullptr) return source;
  const ModelSource& model = recipe_.config.model;
  return std::make_unique<rl::ChatProblems>(
      std::move(source), policy::ChatFormat::for_tokenizer(*tokenizer, model.chat_format),
      model.chat);
}

std::unique_ptr<tasks::ProblemSource> StageBuilder::plain_task(
    size_t stage, const std::optional<JsonValue>& own) const {
  if (own) return tasks::make_task(**own, context(stage, "task"));
  check(recipe_.config.task.has_value(), ErrorCode::invalid_argument,
        "expected a task, got none, in {} /task (or in {})", recipe_.source,
        stage_pointer(stage, "task"));
  auto shared = context(stage, "task");
  shared.pointer = "/task";
  return tasks::make_task(**recipe_.config.task, shared);
}

std::unique_ptr<rl::Scorer> StageBuilder::scorer(size_t stage,
                                                 const std::vector<JsonValue>& configs,
                                                 const std::string& key,
                                                 const tasks::ProblemSource* source) const {
  const bool prefilled = source != nullptr && rl::opens_thought(*source);
  std::vector<json> list;
  for (const JsonValue& config : configs) {
    list.push_back(rewards::with_think_prefilled(*config, prefilled));
  }
  const std::string pointer = stage_pointer(stage, key);
  check(!list.empty(), ErrorCode::invalid_argument,
        "expected at least one reward, got none, in {} {}", recipe_.source, pointer);
  return std::make_unique<rl::Scorer>(list, pointer, recipe_.source, services_);
}

StageBuilder::Graded StageBuilder::graded(size_t stage, const std::optional<JsonValue>& own_task,
                                          const std::vector<JsonValue>& rewards,
                                          const std::string& key,
                                          const policy::Tokenizer* tokenizer) const {
  Graded made;
  made.task = task(stage, own_task, tokenizer);
  made.scorer = scorer(stage, rewards, key, tokenizer != nullptr ? made.task.get() : nullptr);
  made.rejected = rl::reject_golds(*made.task, *made.scorer);
  return made;
}

std::unique_ptr<tasks::Corpus> StageBuilder::corpus(size_t stage, const JsonValue& config) const {
  return tasks::make_corpus(*config, context(stage, "corpus"));
}

policy::Compute StageBuilder::compute() const {
  return policy::parse_compute(recipe_.config.device, recipe_.config.dtype, recipe_.source + " /");
}

policy::Pretrained StageBuilder::new_model(const tasks::Corpus& corpus) const {
  const auto words = corpus.vocabulary();
  check(!words.empty(), ErrorCode::invalid_argument,
        "expected a corpus with a vocabulary of its own for a new model, got ordinary text, in {} "
        "/model: name a model by path instead",
        recipe_.source);
  policy::Pretrained made;
  made.tokenizer = policy::make_word_level_tokenizer(words, "<bos>", "<eos>", "<pad>");
  auto config = policy::model_preset(recipe_.config.model.preset, made.tokenizer->vocab_size());
  config.bos_token_id = made.tokenizer->bos_id();
  config.pad_token_id = made.tokenizer->pad_id();
  if (const auto eos = made.tokenizer->eos_id()) config.eos_token_ids = {*eos};
  made.model = std::make_unique<policy::Transformer>(config, compute().options());
  policy::initialize(*made.model, recipe_.config.seed, 0);
  made.model->set_storage(compute().storage);
  return made;
}

policy::Pretrained StageBuilder::policy(const std::string& reference,
                                        const tasks::Corpus* corpus) const {
  for (const StageConfig& stage : recipe_.stages) {
    if (!reference.empty() && stage_name(stage) == reference) {
      return load(run_folder_ / "stages" / reference / "model", compute());
    }
  }
  if (!reference.empty()) return load(reference, compute());
  if (!recipe_.config.model.path.empty()) {
    return load(recipe_.config.model.path, compute());
  }
  check(corpus != nullptr, ErrorCode::invalid_argument,
        "expected the key policy of a stage that trains no new model, got none, in {}",
        recipe_.source);
  return new_model(*corpus);
}

rl::PretrainInputs StageBuilder::pretrain_inputs(size_t stage) const {
  const auto& config = std::get<rl::PretrainConfig>(recipe_.stages[stage]);
  rl::PretrainInputs inputs;
  inputs.corpus = corpus(stage, config.corpus);
  inputs.policy = policy(config.policy, inputs.corpus.get());
  if (config.gate) {
    auto made = graded(stage, config.gate->task, config.gate->rewards, "gate/rewards",
                       inputs.policy.tokenizer.get());
    inputs.task = std::move(made.task);
    inputs.scorer = std::move(made.scorer);
  }
  return inputs;
}

rl::GrpoInputs StageBuilder::grpo_inputs(size_t stage) const {
  const auto& config = std::get<rl::GrpoConfig>(recipe_.stages[stage]);
  auto model = policy(config.policy, nullptr);
  auto made = graded(stage, config.task, stage_rewards(recipe_.stages[stage]), "rewards",
                     model.tokenizer.get());
  return {std::move(model), std::move(made.task), std::move(made.scorer)};
}

void StageBuilder::check_policy(size_t stage, const std::string& reference) const {
  const std::string where = recipe_.source + " " + stage_pointer(stage, "policy");
  for (size_t i = 0; i < recipe_.stages.size(); ++i) {
    if (stage_name(recipe_.stages[i]) != reference) continue;
    check(i < stage, ErrorCode::invalid_argument, "expected an earlier stage, got \"{}\", in {}",
          reference, where);
    check(stage_kind(recipe_.stages[i]) != "eval", ErrorCode::invalid_argument,
          "expected a stage that makes a model, got the eval stage \"{}\", in {}", reference,
          where);
    return;
  }
  if (reference.empty()) return;
  check(std::filesystem::is_regular_file(std::filesystem::path(reference) / "config.json") ||
            policy::is_adapter_folder(reference),
        ErrorCode::not_found, "expected an earlier stage or a model folder, got \"{}\", in {}",
        reference, where);
}

void StageBuilder::check_model_path() const {
  const std::string& path = recipe_.config.model.path;
  if (path.empty()) return;
  std::error_code ignored;
  check(std::filesystem::exists(path, ignored), ErrorCode::not_found,
        "expected a model folder or a GGUF file, got nothing at {}, in {} /model/path: name one "
        "with --set model.path=MODEL (scripts/setup fetches the small one of the shipped recipes, "
        "relative to the folder of the source tree)",
        path, recipe_.source);
}

void StageBuilder::check_stage(size_t i, std::vector<json>& rejected) const {
  // Problems, rewards, and whether enough is held out for `wanted` prompts.
  const auto check_graded = [&](const std::optional<JsonValue>& own_task,
                                const std::vector<JsonValue>& rewards, int64_t wanted,
                                const std::string& key = "rewards",
                                const std::string& wanted_key = "eval_prompts") {
    auto made = graded(i, own_task, rewards, key);
    check(static_cast<uint64_t>(wanted) <= made.task->num_held_out(), ErrorCode::invalid_argument,
          "expected at most {} prompts (all that are held out), got {}, in {} {}",
          made.task->num_held_out(), wanted, recipe_.source, stage_pointer(i, wanted_key));
    for (const auto& row : made.rejected) {
      rejected.push_back({{"stage", stage_name(recipe_.stages[i])},
                          {"row", row.line},
                          {"reward", row.reward},
                          {"gold", row.gold},
                          {"reason", row.reason}});
    }
    return std::move(made.task);
  };
  if (const auto* c = std::get_if<rl::PretrainConfig>(&recipe_.stages[i])) {
    const auto text = corpus(i, c->corpus);
    check_policy(i, c->policy);
    const bool have_policy =
        !recipe_.config.model.path.empty() ||
        std::any_of(recipe_.stages.begin(), recipe_.stages.begin() + static_cast<ptrdiff_t>(i),
                    [](const auto& s) { return std::holds_alternative<rl::PretrainConfig>(s); });
    if (c->policy.empty() && !have_policy) new_model(*text);
    if (c->gate) {
      check_graded(c->gate->task, c->gate->rewards, c->gate->eval_prompts, "gate/rewards");
    }
  } else if (const auto* g = std::get_if<rl::GrpoConfig>(&recipe_.stages[i])) {
    check_policy(i, g->policy);
    check(!g->policy.empty() || !recipe_.config.model.path.empty(), ErrorCode::invalid_argument,
          "expected the name of an earlier stage or a model folder, got none, in {} {}",
          recipe_.source, stage_pointer(i, "policy"));
    check_graded(g->task, stage_rewards(recipe_.stages[i]), g->eval_prompts);
  } else {
    const auto& e = std::get<rl::EvalConfig>(recipe_.stages[i]);
    const auto where = recipe_.source + " " + stage_pointer(i, "policy");
    for (const auto& name : policy_names(e, where)) check_policy(i, name);
    rl::check_k(e.k, e.num_samples, recipe_.source + " " + stage_pointer(i, "k"));
    const int64_t greedy = e.greedy_prompts.value_or(e.eval_prompts);
    const bool more_greedy = greedy > e.eval_prompts;
    const auto source = check_graded(e.task, e.rewards, std::max(e.eval_prompts, greedy), "rewards",
                                     more_greedy ? "greedy_prompts" : "eval_prompts");
    if (!e.group_by.empty()) {
      rl::check_group_by(source->held_out(static_cast<uint64_t>(e.eval_prompts)), e.group_by,
                         recipe_.source + " " + stage_pointer(i, "group_by"));
    }
  }
}

std::vector<json> StageBuilder::check_all() const {
  compute();
  check_model_path();
  if (recipe_.config.task) task(0, std::nullopt);
  std::vector<json> rejected;
  for (size_t i = 0; i < recipe_.stages.size(); ++i) check_stage(i, rejected);
  return rejected;
}

}  // namespace reckon::recipes
