// Training speed: tokens per second of forward, backward and optimizer step on packed sequences,
// and one whole GRPO step by phase. One JSON line a measurement.
#include <nlohmann/json.hpp>

#include "benchmarks/measure.h"
#include "core/error.h"
#include "core/progress.h"
#include "rl/advantages.h"
#include "rl/grpo_update.h"
#include "rl/memory_plan.h"
#include "rl/stage.h"

namespace reckon::bench {
namespace {

// FLOP of one trained token: 2 for each weight forward, 4 backward; attention is not counted.
double train_flop(const policy::ModelConfig& c) {
  const int64_t looked_up = c.tie_word_embeddings ? 0 : c.vocab_size * c.hidden_size;
  return 6.0 * static_cast<double>(c.num_parameters() - looked_up);
}

// The shape of a step: many short answers for the tiny models, 16 answers of 128 tokens for others.
struct Shape {
  int64_t prompts, samples, prompt_tokens, new_tokens;
};

Shape step_shape(const std::string& name) {
  return name.starts_with("tiny") ? Shape{16, 16, 6, 90} : Shape{2, 8, 64, 128};
}

rl::GrpoConfig grpo_config(const Shape& shape) {
  rl::GrpoConfig config;
  config.prompts_per_step = shape.prompts;
  config.num_generations = shape.samples;
  config.max_completion_length = shape.new_tokens;
  config.rewards.emplace_back(nlohmann::json{{"kind", "random"}});
  return rl::resolve_loss_preset(config, "bench");
}

std::vector<rollout::Prompt> make_prompts(const Shape& shape) {
  std::vector<rollout::Prompt> prompts;
  for (uint32_t i = 0; i < shape.prompts; ++i) {
    std::vector<int32_t> ids;
    for (int64_t t = 0; t < shape.prompt_tokens; ++t) {
      ids.push_back(static_cast<int32_t>((i * 17 + t * 31) % 170));
    }
    prompts.push_back({i, ids});
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

void bench(const std::string& name, const Options& options, double peak) {
  const auto model = make_model(name, options);
  const Shape shape = step_shape(name);
  auto config = grpo_config(shape);
  config.max_prompt_length = shape.prompt_tokens;
  config.micro_batch_tokens = rl::micro_batch_tokens(model->config(), config);
  const auto plan = rl::plan_memory(
      model->config(), rl::memory_demand(config, model->compute(), shape.prompts * shape.samples));
  rl::Optimizer optimizer(rl::trainable(*model), config);
  const auto engine = rollout::make_engine(*model);
  const auto prompts = make_prompts(shape);
  rollout::SamplingParams params;
  params.max_new_tokens = shape.new_tokens;
  const RandomStream stream({1, 0, Purpose::sample, 0});
  std::vector<rl::ScoredGroup> groups;
  const auto rollout_time = measure(options.repetitions, [&] {
    groups = to_groups(prompts, engine->generate(prompts, shape.samples, params, stream));
  });
  // A tiny learning rate: the weights, and with them the lengths, stay as they are.
  int64_t trained = 0;
  const auto update_time = measure(options.repetitions, [&] {
    trained = rl::grpo_update(config, groups, *model, nullptr, optimizer, 1e-12).trained_tokens;
  });
  const double sampled = static_cast<double>(shape.prompts * shape.samples * shape.new_tokens);
  const double rate = static_cast<double>(trained) / update_time.median;
  print_line({{"bench", "step"},
              {"model", name},
              {"dtype", options.bfloat16 ? "bfloat16" : "float32"},
              {"parameters", model->config().num_parameters()},
              {"completions", shape.prompts * shape.samples},
              {"prompt_tokens", shape.prompt_tokens},
              {"new_tokens", shape.new_tokens},
              {"micro_batch_tokens", config.micro_batch_tokens},
              {"rollout_seconds", rollout_time.median},
              {"update_seconds", update_time.median},
              {"step_seconds", rollout_time.median + update_time.median},
              {"rollout_tokens_per_second", sampled / rollout_time.median},
              {"update_tokens_per_second", rate},
              {"update_fastest", static_cast<double>(trained) / update_time.fastest},
              {"update_slowest", static_cast<double>(trained) / update_time.slowest},
              {"gemm_peak_gflops", peak / 1e9},
              {"update_share_of_peak", rate * train_flop(model->config()) / peak},
              {"peak_memory_gb", peak_memory() / 1e9},
              {"planned_memory_gb", static_cast<double>(plan.total()) / 1e9},
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
