// Training speed: tokens per second of forward, backward and optimizer step on packed sequences,
// and one whole GRPO step by phase. One JSON line a measurement.
#include <nlohmann/json.hpp>

#include "benchmarks/measure.h"
#include "core/error.h"
#include "core/progress.h"
#include "rl/advantages.h"
#include "rl/grpo_update.h"
#include "rl/stage.h"

namespace reckon::bench {
namespace {

constexpr int64_t kVocabulary = 170, kPromptTokens = 6, kNewTokens = 90;

// FLOP of one trained token: 2 for each weight forward, 4 backward; attention is not counted.
double train_flop(const policy::ModelConfig& c) {
  return 6.0 * static_cast<double>(c.num_parameters() - c.vocab_size * c.hidden_size);
}

rl::GrpoConfig grpo_config() {
  rl::GrpoConfig config;
  config.prompts_per_step = 16;
  config.num_generations = 16;
  config.max_completion_length = kNewTokens;
  config.rewards.emplace_back(nlohmann::json{{"kind", "random"}});
  return rl::resolve_loss_preset(config, "bench");
}

std::vector<rollout::Prompt> make_prompts(const rl::GrpoConfig& config) {
  std::vector<rollout::Prompt> prompts;
  for (uint32_t i = 0; i < config.prompts_per_step; ++i) {
    prompts.push_back({i, {1, static_cast<int32_t>(20 + i), 30, 40, 16, 60}});
  }
  return prompts;
}

// Groups with alternating rewards, so that all of them carry gradient.
std::vector<rl::ScoredGroup> to_groups(const std::vector<rollout::Prompt>& prompts,
                                       std::vector<rollout::Group> sampled) {
  std::vector<rl::ScoredGroup> groups;
  for (size_t p = 0; p < prompts.size(); ++p) {
    rl::ScoredGroup group;
    group.prompt_ids = prompts[p].ids;
    for (size_t s = 0; s < sampled[p].size(); ++s) {
      rl::ScoredCompletion completion;
      completion.completion = std::move(sampled[p][s]);
      completion.advantage = s % 2 == 0 ? 0.5 : -0.5;
      group.completions.push_back(std::move(completion));
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

void bench(const std::string& preset, const Options& options, double peak) {
  policy::Transformer model(policy::model_preset(preset, kVocabulary),
                            at::TensorOptions().dtype(at::kFloat));
  policy::initialize(model, 1, 0);
  const auto config = grpo_config();
  rl::Optimizer optimizer(rl::trainable(model), config);
  const auto engine = rollout::make_engine(model);
  const auto prompts = make_prompts(config);
  rollout::SamplingParams params;
  params.max_new_tokens = kNewTokens;
  const RandomStream stream({1, 0, Purpose::sample, 0});
  std::vector<rl::ScoredGroup> groups;
  const auto rollout_time = measure(options.repetitions, [&] {
    groups = to_groups(prompts, engine->generate(prompts, config.num_generations, params, stream));
  });
  // A tiny learning rate: the weights, and with them the lengths, stay as they are.
  int64_t trained = 0;
  const auto update_time = measure(options.repetitions, [&] {
    trained = rl::grpo_update(config, groups, model, nullptr, optimizer, 1e-12).trained_tokens;
  });
  const double sampled =
      static_cast<double>(config.prompts_per_step * config.num_generations * kNewTokens);
  const double rate = static_cast<double>(trained) / update_time.median;
  print_line({{"bench", "step"},
              {"model", preset},
              {"parameters", model.config().num_parameters()},
              {"completions", config.prompts_per_step * config.num_generations},
              {"prompt_tokens", kPromptTokens},
              {"new_tokens", kNewTokens},
              {"micro_batch_tokens", config.micro_batch_tokens},
              {"rollout_seconds", rollout_time.median},
              {"update_seconds", update_time.median},
              {"step_seconds", rollout_time.median + update_time.median},
              {"rollout_tokens_per_second", sampled / rollout_time.median},
              {"update_tokens_per_second", rate},
              {"update_fastest", static_cast<double>(trained) / update_time.fastest},
              {"update_slowest", static_cast<double>(trained) / update_time.slowest},
              {"gemm_peak_gflops", peak / 1e9},
              {"update_share_of_peak", rate * train_flop(model.config()) / peak},
              {"machine", machine()}});
}

}  // namespace
}  // namespace reckon::bench

int main(int argc, char** argv) {
  using namespace reckon::bench;
  try {
    const Options options = read_options(argc, argv);
    const double peak = gemm_peak();
    for (const auto& model : options.models) bench(model, options, peak);
  } catch (const reckon::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
