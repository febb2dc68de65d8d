#include "recipes/planned_cost.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/json.h"
#include "policy/model_config.h"
#include "tests/recipes/recipe_files.h"

using namespace reckon;
using namespace reckon::recipes;
using namespace reckon::tests;
using nlohmann::json;

namespace {

std::vector<PlannedCost> costs_of(const json& document) {
  return planned_costs(resolve_recipe(document, "r.json"));
}

// A chain of all kinds of stages with round numbers.
json chain() {
  return parse_json_text(R"({
    "name": "chain", "model": {"preset": "tiny-smoke"}, "task": {"kind": "countdown"},
    "stages": [
      {"name": "base", "kind": "pretrain", "corpus": {"kind": "countdown-traces"},
       "max_steps": 10, "tokens_per_step": 100},
      {"name": "zero", "kind": "grpo", "policy": "base", "rewards": [{"kind": "countdown"}],
       "prompts_per_step": 2, "num_generations": 4, "max_completion_length": 50, "max_steps": 5},
      {"name": "picked", "kind": "sample", "policy": "zero", "rewards": [{"kind": "countdown"}],
       "num_prompts": 10, "num_generations": 2, "max_completion_length": 44},
      {"name": "tuned", "kind": "sft", "policy": "base", "num_train_epochs": 2,
       "datasets": [{"samples": "picked"},
                    {"corpus": {"kind": "countdown-traces"}, "relative_size": 0.5}]},
      {"name": "less", "kind": "grpo", "policy": "base", "rewards": [{"kind": "countdown"}],
       "prompts_per_step": 2, "num_generations": 4, "max_completion_length": 50, "max_steps": 500,
       "budget_of": "zero"},
      {"name": "exam", "kind": "eval", "policy": ["base", "tuned"],
       "rewards": [{"kind": "countdown"}],
       "eval_prompts": 8, "num_samples": 3, "greedy_prompts": 2, "max_completion_length": 50}
    ]})",
                         "chain");
}

}  // namespace

TEST_CASE("planned cost: tokens of every kind of stage, at most") {
  const auto costs = costs_of(chain());
  REQUIRE(costs.size() == 6);
  constexpr int64_t kPrompt = 6;  // `<bos> a b c target T`
  CHECK(costs[0].cost.trained_tokens == 10 * 100);
  const auto& zero = costs[1].cost;
  CHECK(zero.prompt_tokens == 5 * 2 * kPrompt);
  CHECK(zero.sampled_tokens == 5 * 2 * 4 * 50);
  CHECK(zero.trained_tokens == zero.prompt_tokens + zero.sampled_tokens);
  CHECK(costs[2].cost.sampled_tokens == 10 * 2 * 44);
  // 20 samples of 50 tokens and half as many documents, twice.
  CHECK(costs[3].cost.trained_tokens == 2 * (20 + 10) * (kPrompt + 44));
  CHECK(costs[4].cost.flops == zero.flops);
  CHECK(costs[5].cost.sampled_tokens == 2 * (8 * 3 + 2) * 50);
}

TEST_CASE("planned cost: operations are two for a sampled and six for a trained token") {
  const auto costs = costs_of(chain());
  const auto n = static_cast<double>(policy::model_preset("tiny-smoke", 170).num_parameters());
  CHECK(costs[0].cost.flops == doctest::Approx(6.0 * n * 1000));
  const auto& zero = costs[1].cost;
  CHECK(zero.flops == doctest::Approx(n * (2.0 * static_cast<double>(zero.prompt_tokens +
                                                                    zero.sampled_tokens) +
                                           6.0 * static_cast<double>(zero.trained_tokens))));
}
