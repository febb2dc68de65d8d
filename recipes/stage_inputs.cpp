#include "recipes/stage_inputs.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "policy/chat/chat_format.h"
#include "policy/gguf/model_source.h"
#include "recipes/stage_plan.h"
#include "rewards/format.h"
#include "rewards/judge/judge_client.h"
#include "rl/chat_problems.h"

namespace reckon::recipes {
namespace {

using nlohmann::json;

// `key` may lead into the stage, as "gate/rewards" does.
std::string stage_pointer(size_t stage, const std::string& key) {
  return json_pointer("/stages", stage) + "/" + key;
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
  // Many stages of a chain have the same problems and rewards, and each asks twice.
  json same = {{"task", own_task ? **own_task : **recipe_.config.task}, {"rewards", json::array()}};
  for (const JsonValue& reward : rewards) same["rewards"].push_back(*reward);
  const auto [found, is_new] = checked_.try_emplace(json_text(same));
  if (is_new) found->second = rl::check_golds(*made.task, *made.scorer);
  if (!found->second.unusable.empty()) made.task->leave_out(found->second.unusable);
  made.rejected = found->second.rejected;
  return made;
}

std::unique_ptr<tasks::Corpus> StageBuilder::corpus(size_t stage, const JsonValue& config) const {
  return tasks::make_corpus(*config, context(stage, "corpus"));
}

policy::Compute StageBuilder::compute() const {
  return policy::parse_compute(recipe_.config.device, recipe_.config.dtype, recipe_.source + " /");
}

std::string StageBuilder::place(size_t stage, const std::string& key) const {
  return recipe_.source + " " + stage_pointer(stage, key);
}

bool StageBuilder::makes_new_model(const rl::PretrainConfig& config) const {
  return config.policy.empty() && (!config.preset.empty() || recipe_.config.model.path.empty());
}

std::string StageBuilder::preset_of(const rl::PretrainConfig& config) const {
  return config.preset.empty() ? recipe_.config.model.preset : config.preset;
}

ModelOutline StageBuilder::new_outline(const std::string& preset,
                                       const tasks::Corpus& corpus) const {
  const auto words = corpus.vocabulary();
  check(!words.empty(), ErrorCode::invalid_argument,
        "expected a corpus with a vocabulary of its own for a new model, got ordinary text, in {} "
        "/model: name a model by path instead",
        recipe_.source);
  ModelOutline made;
  made.tokenizer = policy::make_word_level_tokenizer(words, "<bos>", "<eos>", "<pad>");
  made.config = policy::model_preset(preset, made.tokenizer->vocab_size());
  made.config.bos_token_id = made.tokenizer->bos_id();
  made.config.pad_token_id = made.tokenizer->pad_id();
  if (const auto eos = made.tokenizer->eos_id()) made.config.eos_token_ids = {*eos};
  return made;
}

policy::Pretrained StageBuilder::new_model(const std::string& preset,
                                           const tasks::Corpus& corpus) const {
  const auto outline = new_outline(preset, corpus);
  policy::Pretrained made;
  made.tokenizer = outline.tokenizer;
  made.model = std::make_unique<policy::Transformer>(outline.config, compute().options());
  policy::initialize(*made.model, recipe_.config.seed, 0);
  made.model->set_storage(compute().storage);
  return made;
}

policy::Pretrained StageBuilder::policy(const std::string& reference) const {
  if (!reference.empty() && find_stage(recipe_, reference)) {
    return load(run_folder_ / "stages" / reference / "model", compute());
  }
  const std::string& path = reference.empty() ? recipe_.config.model.path : reference;
  check(!path.empty(), ErrorCode::invalid_argument,
        "expected the key policy of a stage that trains no new model, got none, in {}",
        recipe_.source);
  return load(path, compute());
}

std::optional<ModelOutline> StageBuilder::outline(const std::string& reference) const {
  if (const auto stage = find_stage(recipe_, reference)) return stage_outline(*stage);
  const std::string& path = reference.empty() ? recipe_.config.model.path : reference;
  if (path.empty() || policy::is_adapter_folder(path)) return std::nullopt;
  auto source = policy::open_model_source(path);
  return ModelOutline{std::move(source.config), std::move(source.tokenizer)};
}

std::optional<ModelOutline> StageBuilder::stage_outline(size_t i) const {
  const StageConfig& stage = recipe_.stages[i];
  if (const auto* config = std::get_if<rl::PretrainConfig>(&stage)) {
    if (makes_new_model(*config)) return new_outline(preset_of(*config), *corpus(i, config->corpus));
  }
  for (const auto& reference : stage_references(stage)) {
    if (reference.key == "policy") return outline(reference.name);
  }
  return outline("");
}

rl::PretrainInputs StageBuilder::pretrain_inputs(size_t stage) const {
  const auto& config = std::get<rl::PretrainConfig>(recipe_.stages[stage]);
  rl::PretrainInputs inputs;
  inputs.corpus = corpus(stage, config.corpus);
  inputs.policy = makes_new_model(config) ? new_model(preset_of(config), *inputs.corpus) : policy(config.policy);
  if (config.gate) {
    auto made = graded(stage, config.gate->task, config.gate->rewards, "gate/rewards",
                       inputs.policy.tokenizer.get());
    inputs.task = std::move(made.task);
    inputs.scorer = std::move(made.scorer);
  }
  return inputs;
}

rl::SftSources StageBuilder::sft_sources(size_t stage, const policy::Pretrained& student) const {
  const ModelSource& model = recipe_.config.model;
  rl::SftSources sources;
  sources.context = context(stage, "datasets");
  sources.samples_file = [this](const std::string& name) {
    return find_stage(recipe_, name) ? run_folder_ / "stages" / name / "samples.jsonl"
                                     : std::filesystem::path(name);
  };
  sources.tokenizer = student.tokenizer;
  sources.end_ids = rl::stop_ids(student);
  sources.format = policy::ChatFormat::for_tokenizer(*student.tokenizer, model.chat_format);
  sources.as_messages = model.chat;
  return sources;
}

rl::SftInputs StageBuilder::sft_inputs(size_t stage) const {
  const auto* distill = std::get_if<rl::DistillConfig>(&recipe_.stages[stage]);
  const auto config =
      distill ? rl::sft_config(*distill) : std::get<rl::SftConfig>(recipe_.stages[stage]);
  auto student = policy(config.policy);
  auto data = rl::load_sft_data(config, sft_sources(stage, student));
  return {std::move(student), std::move(data)};
}

rl::GrpoInputs StageBuilder::grpo_inputs(size_t stage) const {
  const auto& config = std::get<rl::GrpoConfig>(recipe_.stages[stage]);
  auto model = policy(config.policy);
  auto made = graded(stage, config.task, stage_rewards(recipe_.stages[stage]), "rewards",
                     model.tokenizer.get());
  return {std::move(model), std::move(made.task), std::move(made.scorer)};
}

rl::SampleInputs StageBuilder::sample_inputs(size_t stage) const {
  const auto& config = std::get<rl::SampleConfig>(recipe_.stages[stage]);
  auto model = policy(config.policy);
  auto made = graded(stage, config.task, config.rewards, "rewards", model.tokenizer.get());
  return {std::move(model), std::move(made.task), std::move(made.scorer)};
}

rl::DistillInputs StageBuilder::distill_inputs(size_t stage) const {
  const auto& config = std::get<rl::DistillConfig>(recipe_.stages[stage]);
  rl::DistillInputs inputs;
  inputs.policy = policy(config.policy);
  inputs.teacher = policy(config.teacher);
  if (config.rewards.empty()) {
    inputs.task = task(stage, config.task, inputs.policy.tokenizer.get());
    return inputs;
  }
  auto made = graded(stage, config.task, config.rewards, "rewards", inputs.policy.tokenizer.get());
  inputs.task = std::move(made.task);
  inputs.scorer = std::move(made.scorer);
  return inputs;
}

}  // namespace reckon::recipes
