#include "rl/grpo.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/shutdown.h"
#include "tests/core/thrown_error.h"
#include "tests/rl/hooked_tokenizer.h"
#include "tests/rl/small_run.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

// Countdown problems of which every third has a prompt of 9 tokens instead of 6.
class LongPrompts : public tasks::ProblemSource {
 public:
  explicit LongPrompts(bool all) : inner_(small_task()), all_(all) {}
  tasks::Problem at(uint64_t position) const override {
    auto problem = inner_->at(position);
    if (all_ || position % 3 == 0) problem.prompt += " 1 2 3";
    return problem;
  }
  uint64_t num_held_out() const override { return 0; }
  std::vector<tasks::Problem> held_out(uint64_t) const override { return {}; }
  std::string summary() const override { return ""; }

 private:
  std::unique_ptr<tasks::ProblemSource> inner_;
  bool all_;
};

// Metrics of one key over the steps.
std::vector<double> column(const SmallRun& run, const std::string& key) {
  std::vector<double> values;
  for (const json& line : run.objects("metrics")) values.push_back(line.at(key).get<double>());
  return values;
}

// A tokenizer that changes the policy's weights as soon as answers were sampled.
Hooks change_weights_after_sampling(float factor) {
  Hooks hooks;
  hooks.tokenizer = [factor](policy::Pretrained& policy) {
    auto* model = policy.model.get();
    return std::make_shared<HookedTokenizer>(policy.tokenizer, [model, factor] {
      const at::NoGradGuard no_grad;
      for (auto& parameter : model->parameters()) parameter.detach().mul_(factor);
      model->repack();
    });
  };
  return hooks;
}

}  // namespace

TEST_CASE("the sampler's log-probabilities are the trainer's, and equal prompts repeat a run") {
  SmallRun run, again;
  run.threads = again.threads = 2;
  const auto config =
      small_grpo({{"steps_per_generation", 2}, {"num_iterations", 2}, {"max_steps", 8}});
  CHECK(run.grpo(config) == StageEnd::finished);
  const auto largest = column(run, "sampling/sampling_logp_difference/max");
  REQUIRE(largest.size() == 8);
  for (const double value : largest) CHECK(value == 0.0);
  for (const double value : column(run, "sampling/importance_sampling_ratio/max")) {
    CHECK(value == 1.0);
  }
  // Later updates of a rollout are off-policy, or the lines above would show nothing.
  const auto norms = column(run, "grad_norm");
  CHECK(*std::ranges::max_element(norms) > 0.0);
  CHECK(again.grpo(config) == StageEnd::finished);
  CHECK(same_result(run, again));
}

TEST_CASE("the first update's loss is the negative covariance over the longest answer") {
  const SmallRun run;
  run.grpo(small_grpo({{"max_steps", 4}}));
  const auto loss = column(run, "loss"), covariance = column(run, "len_reward_cov");
  for (size_t i = 0; i < loss.size(); ++i) {
    CHECK(loss[i] == doctest::Approx(-covariance[i] / 12.0).epsilon(1e-4));
  }
  CHECK(std::abs(covariance[0]) > 1e-3);
}

TEST_CASE("each completion is logged once, at the step of its minibatch") {
  const SmallRun run;
  run.grpo(small_grpo({{"steps_per_generation", 2}, {"num_iterations", 2}, {"max_steps", 6}}));
  std::map<int64_t, int> per_step;
  std::set<int64_t> prompts;
  for (const json& line : run.objects("completions")) {
    ++per_step[line.at("step").get<int64_t>()];
    prompts.insert(line.at("prompt_index").get<int64_t>());
    CHECK(line.at("reward").get<double>() == line.at("rewards").at("random").get<double>() +
                                                 line.at("rewards").at("format").get<double>());
  }
  CHECK(per_step == std::map<int64_t, int>{{1, 16}, {2, 16}, {5, 16}, {6, 16}});
  CHECK(prompts.size() == 16);
  CHECK(*prompts.rbegin() == 15);
}

TEST_CASE("samples do not depend on the number of threads") {
  SmallRun one, two;
  const auto config = small_grpo({{"max_steps", 1}, {"prompts_per_step", 6}});
  one.grpo(config);
  two.threads = 2;
  two.grpo(config);
  CHECK(one.lines("completions").size() == 24);
  CHECK(one.lines("completions") == two.lines("completions"));
}

TEST_CASE("a stage stops where sampler and trainer part, and does not save what it did") {
  const SmallRun run, tolerant;
  auto settings = json{{"prompts_per_step", 1}, {"max_steps", 3}, {"save_steps", 1}};
  const auto error = tests::thrown_by(
      [&] { run.grpo(small_grpo(settings), change_weights_after_sampling(1.2F)); });
  CHECK(error.code == ErrorCode::internal);
  CHECK(error.says("0.01 nats"));
  CHECK(error.says("step 1"));
  CHECK_FALSE(newest_checkpoint(run.stage_folder()));
  settings["mismatch_stop"] = 1e6;
  CHECK(tolerant.grpo(small_grpo(settings), change_weights_after_sampling(1.2F)) ==
        StageEnd::finished);
  CHECK(tolerant.objects("metrics").at(0).at("sampling/mismatch_k3").get<double>() > 0.01);
}

TEST_CASE("sampler and trainer agree bit for bit where products read bfloat16") {
  SmallRun half;
  const SmallRun full;
  half.storage = policy::kernels::Storage::bfloat16;
  const auto config = small_grpo({{"max_steps", 4}, {"beta", 0.05}, {"kl_estimator", "k3"}});
  half.grpo(config);
  full.grpo(config);
  for (const char* key : {"sampling/mismatch_k3", "clip_ratio/region_mean"}) {
    for (const double value : column(half, key)) CHECK(value == 0.0);
  }
  CHECK(column(half, "kl")[0] == 0.0);
  CHECK(column(half, "grad_norm")[0] != column(full, "grad_norm")[0]);
}

TEST_CASE("an adapter trains while its base stays, and both are published") {
  const SmallRun run;
  const json settings = {{"max_steps", 4}, {"use_peft", true}, {"save_steps", 2},
                         {"beta", 0.05},   {"lora_r", 4},      {"kl_estimator", "k3"}};
  run.grpo(small_grpo(settings));
  const auto checkpoint = newest_checkpoint(run.stage_folder());
  REQUIRE(checkpoint);
  CHECK(std::filesystem::exists(checkpoint->folder / "adapter_model.safetensors"));
  CHECK_FALSE(std::filesystem::exists(checkpoint->folder / "model.safetensors"));
  CHECK_FALSE(std::filesystem::exists(checkpoint->folder / "reference.safetensors"));
  for (const double value : column(run, "sampling/mismatch_k3")) CHECK(value == 0.0);
  CHECK(column(run, "kl")[0] == 0.0);
  CHECK(column(run, "kl")[3] > 0.0);
  // The result is the first policy with the published adapter added.
  const auto options = at::TensorOptions().dtype(at::kFloat);
  const auto result = policy::load_transformer(run.stage_folder() / "model", options);
  const auto first = small_policy(run.seed);
  const auto changed = [&](const at::Tensor& a, const at::Tensor& b) { return !at::equal(a, b); };
  CHECK(changed(result->layers()[0].qkv.weight, first.model->layers()[0].qkv.weight));
  CHECK_FALSE(changed(result->layers()[0].down.weight, first.model->layers()[0].down.weight));
  CHECK_FALSE(changed(result->embedding(), first.model->embedding()));
  first.model->add_adapters(policy::read_adapter_config(run.stage_folder() / "adapter"), 0, 0);
  policy::load_adapter(run.stage_folder() / "adapter", *first.model);
  first.model->merge_adapters();
  CHECK_FALSE(changed(result->layers()[0].qkv.weight, first.model->layers()[0].qkv.weight));
}

TEST_CASE("a reference that follows the policy is refused for an adapter") {
  const auto error = tests::thrown_by([] {
    small_grpo({{"use_peft", true}, {"beta", 0.1}, {"sync_ref_model", true}});
  });
  CHECK(error.says("sync_ref_model"));
  CHECK(tests::thrown_by([] { small_grpo({{"lora_target_modules", {"q"}}}); }).says("q_proj"));
  CHECK(tests::thrown_by([] { small_grpo({{"lora_dropout", 0.1}}); }).says("lora_dropout"));
}

TEST_CASE("activation checkpointing changes nothing of a run") {
  const SmallRun plain, saving;
  json settings = {{"max_steps", 4}};
  plain.grpo(small_grpo(settings));
  settings["gradient_checkpointing"] = true;
  saving.grpo(small_grpo(settings));
  CHECK(same_result(plain, saving));
}

TEST_CASE("log-probabilities that are recomputed with the sampler's weights change nothing") {
  const SmallRun sampled, recomputed;
  json settings = {{"steps_per_generation", 2}, {"num_iterations", 2}, {"max_steps", 8}};
  sampled.grpo(small_grpo(settings));
  settings["old_logprobs"] = "recompute";
  settings["importance_sampling_correction"] = "sequence";
  recomputed.grpo(small_grpo(settings));
  CHECK(same_result(sampled, recomputed));
}

TEST_CASE(
    "recomputed log-probabilities make the first update on-policy and the correction sees w") {
  json settings = {{"prompts_per_step", 2}, {"max_steps", 1}, {"mismatch_stop", 1e6}};
  const auto first_line = [&](const json& more) {
    json all = settings;
    all.update(more);
    const SmallRun run;
    run.grpo(small_grpo(all), change_weights_after_sampling(1.2F));
    return run.objects("metrics").at(0);
  };
  const json recompute = {{"old_logprobs", "recompute"}};
  CHECK(first_line(json::object()).at("clip_ratio/region_mean") > 0.0);
  const auto line = first_line(recompute);
  CHECK(line.at("clip_ratio/region_mean") == 0.0);
  CHECK(line.at("sampling/ess_token") < 0.99);
  json corrected = recompute;
  corrected["importance_sampling_correction"] = "tis";
  CHECK(first_line(corrected).at("grad_norm") != line.at("grad_norm"));
  corrected["importance_sampling_correction"] = "sequence";
  CHECK(first_line(corrected).at("sampling/importance_sampling_ratio/max") !=
        line.at("sampling/importance_sampling_ratio/max"));
}

TEST_CASE("a KL in the reward has its reference from the rollout and is logged") {
  const SmallRun run, free;
  json settings = {{"loss_type", "reinforce_pp"}, {"max_steps", 4}, {"learning_rate", 0.01}};
  free.grpo(small_grpo(settings));
  settings["beta"] = 0.5;
  run.grpo(small_grpo(settings));
  const auto kl = column(run, "kl");
  CHECK(kl[0] == 0.0);
  CHECK(kl[3] > 0.0);
  CHECK(column(run, "grad_norm")[0] == column(free, "grad_norm")[0]);
  CHECK(column(run, "grad_norm")[3] != column(free, "grad_norm")[3]);
}

TEST_CASE("the adaptive entropy coefficient grows below its target and rests above it") {
  const SmallRun below, above;
  json settings = {{"use_adaptive_entropy", true},
                   {"entropy_coef_delta", 0.01},
                   {"entropy_target", 50.0},
                   {"entropy_coef_max", 0.025},
                   {"max_steps", 4}};
  below.grpo(small_grpo(settings));
  CHECK(column(below, "entropy_coef") == std::vector<double>{0.0, 0.01, 0.02, 0.025});
  settings["entropy_target"] = 0.1;
  settings["entropy_coef"] = 0.02;
  above.grpo(small_grpo(settings));
  CHECK(column(above, "entropy_coef") == std::vector<double>{0.02, 0.0, 0.0, 0.0});
}

TEST_CASE("staleness counts the updates since the rollout") {
  const SmallRun run;
  run.grpo(small_grpo({{"steps_per_generation", 2}, {"num_iterations", 2}, {"max_steps", 6}}));
  CHECK(column(run, "sampling/staleness_max") == std::vector<double>{0, 1, 2, 3, 0, 1});
}

TEST_CASE("prompts over max_prompt_length are left out") {
  const SmallRun run;
  Hooks hooks;
  hooks.task = std::make_unique<LongPrompts>(false);
  run.grpo(small_grpo({{"max_prompt_length", 6}, {"max_steps", 3}}), std::move(hooks));
  std::set<int64_t> prompts;
  for (const json& line : run.objects("completions")) {
    prompts.insert(line.at("prompt_index").get<int64_t>());
  }
  CHECK(prompts == std::set<int64_t>{1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17});
}

TEST_CASE("dynamic sampling replaces groups without signal in prompt order") {
  const SmallRun run;
  // A coin that nearly always says tails: most groups are without signal.
  run.grpo(small_grpo({{"rewards", {{{"kind", "random"}, {"probability", 0.1}}}},
                       {"dynamic_sampling", true},
                       {"dynamic_sampling_max_rounds", 20},
                       {"max_steps", 3}}));
  for (const json& line : run.objects("metrics")) {
    CHECK(line.at("frac_reward_zero_std") == 0.0);
    CHECK(line.at("dynamic_sampling/rounds").get<int64_t>() > 1);
    CHECK(line.at("dynamic_sampling/kept_frac").get<double>() < 0.9);
  }
  int64_t last = -1;
  for (const json& line : run.objects("completions")) {
    CHECK(line.at("prompt_index").get<int64_t>() >= last);
    last = line.at("prompt_index").get<int64_t>();
  }
  CHECK(last > 12);
}

TEST_CASE("dynamic sampling gives up after its rounds and trains on what there is") {
  const SmallRun run;
  run.grpo(small_grpo({{"rewards", {{{"kind", "random"}, {"probability", 0.0}}}},
                       {"dynamic_sampling", true},
                       {"dynamic_sampling_max_rounds", 2},
                       {"max_steps", 2}}));
  const auto lines = run.objects("metrics");
  REQUIRE(lines.size() == 2);
  for (const json& line : lines) {
    CHECK(line.at("frac_reward_zero_std") == 1.0);
    CHECK(line.at("dynamic_sampling/rounds") == 2);
    CHECK(line.at("dynamic_sampling/kept_frac") == 0.0);
    CHECK(line.at("grad_norm") == 0.0);
  }
}

TEST_CASE("a refreshed reference takes its share of the policy at the end of a rollout") {
  const SmallRun run, fixed;
  json settings = {{"beta", 0.1}, {"max_steps", 6}, {"num_iterations", 2}, {"learning_rate", 0.01}};
  fixed.grpo(small_grpo(settings));
  settings.update(
      {{"sync_ref_model", true}, {"ref_model_sync_steps", 3}, {"ref_model_mixup_alpha", 1.0}});
  run.grpo(small_grpo(settings));
  const auto kl = column(run, "kl"), other = column(fixed, "kl");
  CHECK(kl[0] == 0.0);  // the reference is the policy that training starts from
  CHECK(kl[1] > 0.0);
  CHECK(kl[2] > 0.0);
  CHECK(kl[3] > 0.0);
  CHECK(kl[4] == 0.0);  // step 3 asked for it, the rollout ended with step 4
  CHECK(kl[5] > 0.0);
  for (size_t i = 0; i < 4; ++i) CHECK(kl[i] == other[i]);
  CHECK(other[4] > 0.0);
}

TEST_CASE("a shutdown leaves a checkpoint after the step under way") {
  const SmallRun run;
  Hooks hooks;
  hooks.on_draw = [](uint64_t position) {
    if (position == 10) request_shutdown();
  };
  CHECK(run.grpo(small_grpo({{"max_steps", 9}}), std::move(hooks)) == StageEnd::stopped);
  clear_shutdown_request();
  CHECK(newest_checkpoint(run.stage_folder())->step == 3);
  CHECK(run.lines("metrics").size() == 3);
  CHECK_FALSE(std::filesystem::exists(run.stage_folder() / "model"));
}
