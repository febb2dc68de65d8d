#include "tests/rl/small_run.h"

#include <nlohmann/json.hpp>

#include "core/config.h"
#include "core/error.h"
#include "core/json.h"
#include "rl/sft_data.h"
#include "tasks/countdown_trace.h"
#include "tests/policy/thread_count.h"

namespace reckon::rl {
namespace {

using nlohmann::json;

constexpr const char* kFile = "recipe";
constexpr uint32_t kStage = 1;

class WatchedTask : public tasks::ProblemSource {
 public:
  explicit WatchedTask(OnDraw on_draw)
      : inner_(tasks::make_task({{"kind", "countdown"}}, {"/task", kFile, 7, kStage})),
        on_draw_(std::move(on_draw)) {}

  tasks::Problem at(uint64_t position) const override {
    if (on_draw_) on_draw_(position);
    return inner_->at(position);
  }
  uint64_t num_held_out() const override { return inner_->num_held_out(); }
  std::vector<tasks::Problem> held_out(uint64_t count) const override {
    return inner_->held_out(count);
  }
  std::string summary() const override { return inner_->summary(); }
  std::optional<tasks::TraceReport> trace(const tasks::Problem& problem,
                                          std::string_view completion) const override {
    return inner_->trace(problem, completion);
  }

 private:
  std::unique_ptr<tasks::ProblemSource> inner_;
  OnDraw on_draw_;
};

class WatchedCorpus : public tasks::Corpus {
 public:
  WatchedCorpus(const json& config, OnDraw on_draw)
      : inner_(tasks::make_corpus(config, {"/corpus", kFile, 7, kStage})),
        on_draw_(std::move(on_draw)) {}

  tasks::Document at(uint64_t n) const override { return inner_->at(n); }
  std::vector<std::string> vocabulary() const override { return inner_->vocabulary(); }
  tasks::DocumentIds ids_at(uint64_t n) const override {
    if (on_draw_) on_draw_(n);
    return inner_->ids_at(n);
  }

 private:
  std::unique_ptr<tasks::Corpus> inner_;
  OnDraw on_draw_;
};

bool is_measurement(const std::string& key) {
  return key == "step_time" || key.starts_with("time/") || key.starts_with("tokens_per_second/") ||
         key.starts_with("memory/");
}

std::unique_ptr<Scorer> make_scorer(const std::vector<JsonValue>& rewards) {
  std::vector<json> configs;
  for (const auto& reward : rewards) configs.push_back(reward.get());
  return std::make_unique<Scorer>(configs, "/rewards", kFile);
}

}  // namespace

policy::Pretrained small_policy(uint64_t seed) {
  auto words = tasks::countdown_vocabulary();
  auto config = policy::model_preset("tiny-smoke", static_cast<int64_t>(words.size()));
  for (int64_t id = 100; id < 130; ++id) config.eos_token_ids.push_back(id);
  auto model = std::make_unique<policy::Transformer>(config, at::TensorOptions().dtype(at::kFloat));
  policy::initialize(*model, seed, 0);
  return {std::move(model),
          policy::make_word_level_tokenizer(std::move(words), "<bos>", "<eos>", "<pad>")};
}

std::unique_ptr<tasks::ProblemSource> small_task(OnDraw on_draw) {
  return std::make_unique<WatchedTask>(std::move(on_draw));
}

GrpoConfig small_grpo(const json& settings) {
  json object = {{"name", "only"},
                 {"rewards", {{{"kind", "random"}}, {{"kind", "format"}}}},
                 {"prompts_per_step", 4},
                 {"num_generations", 4},
                 {"max_completion_length", 12},
                 {"learning_rate", 3e-3},
                 {"max_steps", 6}};
  object.merge_patch(settings);
  return resolve_loss_preset(read_config<GrpoConfig>(object, "/stages/only", kFile),
                             "/stages/only");
}

PretrainConfig small_pretrain(const json& settings) {
  json object = {{"name", "only"},          {"corpus", {{"kind", "countdown-traces"}}},
                 {"tokens_per_step", 256},  {"max_steps", 12},
                 {"learning_rate", 3e-3},   {"logging_steps", 3},
                 {"save_total_limit", 1000}};
  object.merge_patch(settings);
  return read_config<PretrainConfig>(object, "/stages/only", kFile);
}

SampleConfig small_sample(const json& settings) {
  json object = {{"name", "only"},
                 {"policy", "other"},
                 {"rewards", {{{"kind", "random"}}, {{"kind", "format"}}}},
                 {"num_prompts", 18},
                 {"num_generations", 2},
                 {"max_completion_length", 12},
                 {"ended", false},
                 {"prompts_per_batch", 4}};
  object.merge_patch(settings);
  return read_config<SampleConfig>(object, "/stages/only", kFile);
}

SftConfig small_sft(const json& settings) {
  json object = {
      {"name", "only"},
      {"datasets", {{{"corpus", {{"kind", "countdown-traces"}}}, {"num_documents", 40}}}},
      {"tokens_per_step", 256},
      {"num_train_epochs", 2},
      {"learning_rate", 3e-3},
      {"logging_steps", 3},
      {"save_total_limit", 1000}};
  object.merge_patch(settings);
  return read_config<SftConfig>(object, "/stages/only", kFile);
}

DistillConfig small_distill(const json& settings) {
  json object = {{"name", "only"},          {"method", "on_policy"},       {"teacher", "teacher"},
                 {"prompts_per_step", 4},   {"num_generations", 2},        {"max_steps", 4},
                 {"learning_rate", 3e-3},   {"max_completion_length", 12}, {"save_steps", 2},
                 {"save_total_limit", 1000}};
  object.merge_patch(settings);
  return read_config<DistillConfig>(object, "/stages/only", kFile);
}

template <class Make>
StageEnd SmallRun::run(Make make) const {
  const tests::ThreadCount limit(threads);
  LogOffsets offsets;
  StageCost cost;
  if (const auto found = newest_checkpoint(stage_folder())) {
    const json state = read_checkpoint_state(found->folder, "");
    offsets = read_offsets(state.at("offsets"), "state.json");
    cost = read_cost(state.at("cost"));
  }
  RunLog log(path(), offsets);
  const StageContext context{
      "only", kStage, seed, stage_folder(), hash, at::TensorOptions().dtype(at::kFloat), {},
      false,  log,    cost};
  const auto stage = make(context);
  const StageEnd end = stage->run();
  log.sync();
  write_file_atomic(path() / "cost.json", json_text(write_cost(cost)));
  return end;
}

StageEnd SmallRun::grpo(const GrpoConfig& config, Hooks hooks) const {
  return run([&](const StageContext& context) {
    GrpoInputs inputs;
    inputs.policy = small_policy(seed);
    inputs.policy.model->set_storage(storage);
    if (hooks.tokenizer) inputs.policy.tokenizer = hooks.tokenizer(inputs.policy);
    inputs.task = hooks.task ? std::move(hooks.task) : small_task(hooks.on_draw);
    inputs.scorer = make_scorer(config.rewards);
    return std::make_unique<GrpoStage>(config, std::move(inputs), context);
  });
}

StageEnd SmallRun::pretrain(const PretrainConfig& config, Hooks hooks) const {
  return run([&](const StageContext& context) {
    PretrainInputs inputs;
    inputs.policy = small_policy(seed);
    inputs.policy.model->set_storage(storage);
    inputs.corpus = std::make_unique<WatchedCorpus>(config.corpus.get(), hooks.on_draw);
    if (config.gate) {
      inputs.task = small_task();
      inputs.scorer = make_scorer(config.gate->rewards);
    }
    return std::make_unique<PretrainStage>(config, std::move(inputs), context);
  });
}

StageEnd SmallRun::sample(const SampleConfig& config, Hooks hooks) const {
  return run([&](const StageContext& context) {
    SampleInputs inputs;
    inputs.policy = small_policy(seed);
    inputs.policy.model->set_storage(storage);
    if (hooks.tokenizer) inputs.policy.tokenizer = hooks.tokenizer(inputs.policy);
    inputs.task = hooks.task ? std::move(hooks.task) : small_task(hooks.on_draw);
    inputs.scorer = make_scorer(config.rewards);
    return std::make_unique<SampleStage>(config, std::move(inputs), context);
  });
}

StageEnd SmallRun::sft(const SftConfig& config) const {
  return run([&](const StageContext& context) {
    auto policy = small_policy(seed);
    policy.model->set_storage(storage);
    SftSources sources;
    sources.context = {"/stages/only/datasets", kFile, seed, kStage};
    sources.tokenizer = policy.tokenizer;
    sources.end_ids = stop_ids(policy);
    auto data = load_sft_data(config, sources);
    return std::make_unique<SftStage>(config, SftInputs{std::move(policy), std::move(data)},
                                      context);
  });
}

StageEnd SmallRun::distill(const DistillConfig& config, Hooks hooks) const {
  return run([&](const StageContext& context) {
    DistillInputs inputs;
    inputs.policy = small_policy(seed);
    inputs.policy.model->set_storage(storage);
    inputs.teacher = small_policy(seed + 1);
    const at::NoGradGuard no_grad;
    at::Tensor(inputs.teacher.model->head().weight).mul_(3.0);
    inputs.teacher.model->repack();
    inputs.task = hooks.task ? std::move(hooks.task) : small_task(hooks.on_draw);
    if (!config.rewards.empty()) inputs.scorer = make_scorer(config.rewards);
    return std::make_unique<DistillStage>(config, std::move(inputs), context);
  });
}

void SmallRun::kill_after(int64_t step) const {
  std::filesystem::remove_all(stage_folder() / "model");
  while (const auto found = newest_checkpoint(stage_folder())) {
    if (found->step <= step) return;
    std::filesystem::remove_all(found->folder);
  }
}

void SmallRun::copy_to(const SmallRun& to) const {
  std::filesystem::copy(
      path(), to.path(),
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
}

std::vector<json> SmallRun::objects(const std::string& name) const {
  std::vector<json> out;
  for_each_jsonl(path() / (name + ".jsonl"), [&](const json& line, uint64_t) {
    json kept = json::object();
    for (const auto& [key, value] : line.items()) {
      if (!is_measurement(key)) kept[key] = value;
    }
    out.push_back(std::move(kept));
  });
  return out;
}

std::vector<std::string> SmallRun::lines(const std::string& name) const {
  std::vector<std::string> out;
  for (const json& object : objects(name)) out.push_back(json_text(object));
  return out;
}

std::string SmallRun::stage_file(const std::string& name) const {
  return read_file(stage_folder() / name);
}

std::string SmallRun::weights() const { return stage_file("model/model.safetensors"); }

bool same_result(const SmallRun& a, const SmallRun& b) {
  for (const char* name : {"metrics", "completions", "evals"}) {
    if (a.lines(name) != b.lines(name)) return false;
  }
  return a.weights() == b.weights();
}

}  // namespace reckon::rl
