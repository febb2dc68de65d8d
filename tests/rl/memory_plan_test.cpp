#include "rl/memory_plan.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/core/thrown_error.h"
#include "tests/rl/small_run.h"

using namespace reckon;
using namespace reckon::rl;

namespace {

// The shape of SmolLM2-135M.
policy::ModelConfig smollm2() {
  policy::ModelConfig c;
  c.vocab_size = 49152;
  c.hidden_size = 576;
  c.intermediate_size = 1536;
  c.num_hidden_layers = 30;
  c.num_attention_heads = 9;
  c.num_key_value_heads = 3;
  c.head_dim = 64;
  c.tie_word_embeddings = true;
  return c;
}

MemoryDemand demand_of(const nlohmann::json& settings) {
  return memory_demand(small_grpo(settings), {}, 64);
}

const nlohmann::json kStep = {{"prompts_per_step", 2},
                              {"num_generations", 8},
                              {"max_prompt_length", 64},
                              {"max_completion_length", 128}};

uint64_t bytes_of(const MemoryPlan& plan, const std::string& name) {
  for (const auto& items : {plan.lasting, plan.passing}) {
    for (const MemoryItem& item : items) {
      if (item.name.find(name) != std::string::npos) return item.bytes;
    }
  }
  return 0;
}

}  // namespace

TEST_CASE("the plan of SmolLM2-135M and 16 completions of 128 tokens is below 4 GB") {
  const auto plan = plan_memory(smollm2(), demand_of(kStep));
  CHECK(plan.total() < 4'000'000'000);
  CHECK(plan.total() > 2'500'000'000);
  CHECK(bytes_of(plan, "parameters") == 4ull * 134'515'008);
  CHECK(bytes_of(plan, "moments") == 8ull * 134'515'008);
  CHECK(bytes_of(plan, "KV cache") > 4ull * 16 * 128 * 2 * 30 * 3 * 64);
  CHECK(plan.table(plan.total()).find("available") != std::string::npos);
}

TEST_CASE("a teacher of another size stands beside its student") {
  auto demand = memory_demand(small_distill(kStep), {}, 64);
  const auto alone = plan_memory(smollm2(), demand);
  demand.teacher_parameters = 1'000'000'000;
  const auto both = plan_memory(smollm2(), demand);
  CHECK(bytes_of(alone, "teacher") == 0);
  CHECK(bytes_of(both, "teacher") == 8'000'000'000);  // and packed
  CHECK(both.total() >= alone.total() + 8'000'000'000);
  CHECK(bytes_of(both, "KV cache") ==
        bytes_of(plan_memory(smollm2(), demand_of(kStep)), "KV cache"));
}

TEST_CASE("a reference, an adapter, checkpointing and bfloat16 change what they should") {
  const auto model = smollm2();
  const auto base = demand_of(kStep);
  const auto total = [&](const MemoryDemand& demand) { return plan_memory(model, demand).total(); };
  auto changed = base;
  changed.reference = true;
  CHECK(total(changed) == total(base) + 2 * bytes_of(plan_memory(model, base), "parameters"));
  changed = base;
  changed.options.use_peft = true;
  CHECK(total(changed) < total(base) - 11ull * 134'515'008);
  changed = base;
  changed.options.micro_batch_tokens = 2048;
  const uint64_t large = total(changed);
  changed.options.gradient_checkpointing = true;
  CHECK(total(changed) < large - 1'500'000'000);
  changed = base;
  changed.compute.storage = policy::kernels::Storage::bfloat16;
  CHECK(total(changed) == total(base) - 2ull * 134'515'008);
}

TEST_CASE("micro-batches are sized by their activations, between 256 and 4096 tokens") {
  MemoryOptions options;
  const auto model = smollm2();
  const int64_t tokens = micro_batch_tokens(model, options);
  CHECK(tokens > 256);
  CHECK(tokens < 600);
  CHECK(activation_bytes(model, options, tokens) <= 512'000'000);
  CHECK(activation_bytes(model, options, tokens + 1) > 512'000'000);
  CHECK(micro_batch_tokens(policy::model_preset("tiny-0.8m", 200), options) == 4096);
  options.gradient_checkpointing = true;
  CHECK(micro_batch_tokens(model, options) > 4 * tokens);
  options.micro_batch_tokens = 77;
  CHECK(micro_batch_tokens(model, options) == 77);
}

TEST_CASE("what does not fit is refused with keys that make it fit") {
  const auto model = smollm2();
  auto large = kStep;
  large["micro_batch_tokens"] = 4096;
  const auto demand = demand_of(large);
  const uint64_t total = plan_memory(model, demand).total();
  check_memory(model, demand, total, "stage only");
  const auto error_with = [&](uint64_t available) {
    return tests::thrown_by([&] { check_memory(model, demand, available, "stage only"); });
  };
  const auto near = error_with(total - 1);
  CHECK(near.code == ErrorCode::invalid_argument);
  CHECK(near.says("stage only"));
  for (const char* key : {"micro_batch_tokens 256", "gradient_checkpointing true", "use_peft true",
                          "dtype bfloat16"}) {
    CHECK(near.says(key));
  }
  CHECK(error_with(1'800'000'000).says("with all of"));
  CHECK(error_with(1000).says("still need"));
}

TEST_CASE("the memory that a process may use on the CPU holds what it uses") {
  const auto available = available_memory(at::kCPU);
  REQUIRE(available);
  CHECK(static_cast<double>(*available) > 64e6);
}
