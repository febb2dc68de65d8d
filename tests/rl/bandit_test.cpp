#include <doctest/doctest.h>

#include "rl/stage.h"
#include "tests/policy/thread_count.h"
#include "tests/rl/golden_rollout.h"
#include "tests/rl/small_run.h"

using namespace reckon;
using namespace reckon::rl;

namespace {

constexpr int64_t kPrompts = 6, kGroup = 8, kSteps = 30;

// Share of tokens with an even id: about one half for an untrained policy.
double even_share(const rollout::Completion& completion) {
  double even = 0.0;
  for (const int32_t id : completion.ids) even += id % 2 == 0;
  return even / static_cast<double>(completion.ids.size());
}

struct Outcome {
  double first = 0.0, last = 0.0;  // mean share of even tokens in the first and last five steps
};

// Trains an untrained policy for the share of even tokens, or for the toss of a coin.
Outcome train(const std::string& loss_type, bool coin, uint64_t seed, double beta = 0.0) {
  GrpoConfig config;
  config.rewards.emplace_back();
  config.loss_type = loss_type;
  config.num_generations = kGroup;
  config.max_completion_length = 6;
  config.num_iterations = loss_type == "reinforce" ? 1 : 2;
  config.beta = beta;
  config = resolve_loss_preset(config, "");
  const tests::ThreadCount one_thread(1);
  const auto policy = small_policy(seed);
  const auto reference = small_policy(seed);
  Optimizer optimizer(trainable(*policy.model), config);
  const auto engine = rollout::make_engine(*policy.model);
  rollout::SamplingParams params;
  params.max_new_tokens = config.max_completion_length;
  std::vector<rollout::Prompt> prompts;
  for (uint32_t p = 0; p < kPrompts; ++p) prompts.push_back({p, {0, 20 + static_cast<int>(p)}});
  Outcome outcome;
  for (int64_t step = 0; step < kSteps; ++step) {
    const auto at = static_cast<uint64_t>(step);
    const RandomStream coins({seed, 0, Purpose::reward, at});
    std::vector<ScoredGroup> groups;
    double share = 0.0;
    for (const auto& sampled :
         engine->generate(prompts, kGroup, params, RandomStream({seed, 0, Purpose::sample, at}))) {
      auto& group = groups.emplace_back();
      group.prompt_ids = prompts[groups.size() - 1].ids;
      for (const auto& completion : sampled) {
        auto& sample = group.completions.emplace_back();
        sample.completion = completion;
        const auto number = static_cast<uint32_t>(group.completions.size());
        const double even = even_share(completion);
        sample.reward =
            coin ? coins.uniform(0, number, static_cast<uint32_t>(groups.size())) : even;
        share += even / static_cast<double>(kPrompts * kGroup);
      }
    }
    set_advantages(config, groups);
    for (int64_t pass = 0; pass < config.num_iterations; ++pass) {
      grpo_update(config, groups, *policy.model, reference.model.get(), optimizer, 5e-3);
    }
    if (step < 5) outcome.first += share / 5.0;
    if (step >= kSteps - 5) outcome.last += share / 5.0;
  }
  return outcome;
}

}  // namespace

TEST_SUITE_BEGIN("slow");

TEST_CASE("every loss type raises the reward") {
  for (const std::string loss_type :
       {"grpo", "dr_grpo", "dapo", "bnpo", "gspo", "cispo", "gmpo", "sapo", "rloo", "reinforce_pp",
        "reinforce_pp_baseline", "dppo", "reinforce"}) {
    CAPTURE(loss_type);
    const Outcome outcome = train(loss_type, false, 7);
    CHECK(outcome.first < 0.7);
    CHECK(outcome.last > outcome.first + 0.25);
  }
}

TEST_CASE("a penalty on the divergence holds the reward back") {
  const Outcome free = train("dr_grpo", false, 7), held = train("dr_grpo", false, 7, 2.0);
  CHECK(held.last < free.last - 0.1);
}

TEST_CASE("a coin as the reward teaches nothing") {
  double change = 0.0;
  constexpr int kSeeds = 4;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    const Outcome outcome = train("dr_grpo", true, static_cast<uint64_t>(seed));
    change += (outcome.last - outcome.first) / kSeeds;
  }
  CHECK(std::abs(change) < 0.12);
}

TEST_SUITE_END();
