// What a completion may depend on: every other circumstance leaves its bits as they are.
#include <doctest/doctest.h>

#include "tests/policy/random_tensor.h"
#include "tests/policy/thread_count.h"
#include "tests/rollout/golden_rollout.h"

namespace reckon::rollout {
namespace {

using policy::Transformer;
using tests::bits_equal;
using tests::golden_model;
using tests::golden_prompts;
using tests::golden_sampling;
using tests::golden_stream;
using tests::kGoldenFamilies;

std::vector<Group> generate(const Transformer& model, const SamplingParams& params,
                            const EngineOptions& options = {}, int64_t num_samples = 4,
                            const std::vector<Prompt>& prompts = golden_prompts()) {
  return make_engine(model, options)->generate(prompts, num_samples, params, golden_stream());
}

std::vector<SamplingParams> several_params() {
  auto filtered = golden_sampling(0.8);
  filtered.top_k = 50;
  filtered.top_p = 0.9;
  filtered.min_p = 0.02;
  auto forced = golden_sampling(1.2);
  forced.forbid_until = ForbidUntil{.forbidden = 4, .until = {9}};
  return {golden_sampling(1.0), golden_sampling(0.8), golden_sampling(0.0), filtered, forced};
}

TEST_CASE("engine: cached decoding gives the bits of whole forward passes, in all families") {
  for (const char* family : kGoldenFamilies) {
    const auto model = golden_model(family, at::kFloat);
    for (const SamplingParams& params : several_params()) {
      CAPTURE(family);
      CAPTURE(params.temperature);
      const auto want =
          make_full_forward_engine(*model)->generate(golden_prompts(), 4, params, golden_stream());
      CHECK(bits_equal(generate(*model, params), want));
      CHECK(want[0].size() == 4);
    }
  }
}

// The trainer's log-probabilities of the completions' tokens, packed prompt by prompt.
std::vector<std::vector<float>> training_logprobs(const Transformer& model,
                                                  const std::vector<Prompt>& prompts,
                                                  const std::vector<Group>& groups,
                                                  double temperature) {
  std::vector<int64_t> ids, rows, targets;
  policy::PackedBatch batch{{}, {0}};
  for (size_t p = 0; p < prompts.size(); ++p) {
    for (const Completion& completion : groups[p]) {
      ids.insert(ids.end(), prompts[p].ids.begin(), prompts[p].ids.end());
      for (const int32_t id : completion.ids) {
        rows.push_back(static_cast<int64_t>(ids.size()) - 1);
        targets.push_back(id);
        ids.push_back(id);
      }
      batch.offsets.push_back(static_cast<int64_t>(ids.size()));
    }
  }
  batch.ids = at::tensor(ids, at::kLong);
  const auto result =
      token_logprobs(model.forward(batch), model.head(), at::tensor(rows, at::kLong),
                     at::tensor(targets, at::kLong), temperature);
  const float* next = result.logprobs.const_data_ptr<float>();
  std::vector<std::vector<float>> all;
  for (const Group& group : groups) {
    for (const Completion& completion : group) {
      all.emplace_back(next, next + completion.ids.size());
      next += completion.ids.size();
    }
  }
  return all;
}

void check_training_agrees(const Transformer& model, const SamplingParams& params,
                           const EngineOptions& options) {
  const auto prompts = golden_prompts();
  const auto groups = generate(model, params, options);
  const double temperature = params.temperature == 0.0 ? 1.0 : params.temperature;
  std::vector<std::vector<float>> logprobs, logprobs_t1;
  for (const Group& group : groups) {
    for (const Completion& completion : group) {
      logprobs.push_back(completion.logprobs);
      logprobs_t1.push_back(completion.logprobs_t1);
    }
  }
  CHECK(bits_equal(logprobs, training_logprobs(model, prompts, groups, temperature)));
  CHECK(bits_equal(logprobs_t1, training_logprobs(model, prompts, groups, 1.0)));
}

TEST_CASE("engine: log-probabilities have the bits of a packed training forward pass") {
  for (const char* family : kGoldenFamilies) {
    const auto model = golden_model(family, at::kFloat);
    model->requires_grad(true);
    for (const SamplingParams& params : several_params()) {
      CAPTURE(family);
      CAPTURE(params.temperature);
      check_training_agrees(*model, params, {});
      check_training_agrees(*model, params, {.rows_per_thread = 3, .share_prompt = false});
    }
  }
}

TEST_CASE("engine: biases everywhere and heads of odd size decode as they train") {
  for (const int64_t groups : {1, 3, 5}) {
    policy::ModelConfig config = policy::model_preset("tiny-smoke", 170);
    config.num_attention_heads = 2 * groups;
    config.num_key_value_heads = 2;
    config.head_dim = 10;
    config.attention_bias = config.attention_output_bias = config.mlp_bias = true;
    Transformer model(config, at::kFloat);
    policy::initialize(model, 3, 0);
    uint32_t seed = 0;
    for (at::Tensor parameter : model.parameters()) {
      if (parameter.dim() == 1) parameter.copy_(tests::random_tensor(parameter.sizes(), seed++));
    }
    model.repack();
    const auto params = golden_sampling(0.8);
    CHECK(bits_equal(generate(model, params), make_full_forward_engine(model)->generate(
                                                  golden_prompts(), 4, params, golden_stream())));
    check_training_agrees(model, params, {});
  }
}

TEST_CASE("engine: prompts that begin alike and weights that threads share change speed only") {
  const auto model = golden_model("qwen3", at::kFloat);
  std::vector<int32_t> beginning;
  for (int32_t i = 0; i < 40; ++i) beginning.push_back(3 + (i * 37) % 160);
  std::vector<Prompt> prompts;
  // Common beginnings of 40, 40, 39 and 5 tokens, and one that is the whole prompt.
  for (const size_t common : {40, 40, 39, 5, 40}) {
    std::vector<int32_t> ids(beginning.begin(), beginning.begin() + static_cast<int64_t>(common));
    for (size_t i = 0; common + i < 45 && prompts.size() < 4; ++i) {
      ids.push_back(static_cast<int32_t>(5 + 11 * prompts.size() + i));
    }
    prompts.push_back({static_cast<uint32_t>(prompts.size()), ids});
  }
  const auto params = golden_sampling(0.8);
  const auto want = make_full_forward_engine(*model)->generate(prompts, 3, params, golden_stream());
  for (const bool share_weights : {false, true}) {
    for (const bool share_prompt : {false, true}) {
      EngineOptions options;
      options.share_weights = share_weights;
      options.share_prompt = share_prompt;
      options.rows_per_thread = 4;
      CHECK(bits_equal(make_engine(*model, options)->generate(prompts, 3, params, golden_stream()),
                       want));
    }
  }
}

TEST_CASE("engine: rows a thread, threads and the sharing of prompts change speed only") {
  for (const char* family : kGoldenFamilies) {
    CAPTURE(family);
    const auto model = golden_model(family, at::kFloat);
    const auto params = golden_sampling(0.8);
    const auto want = generate(*model, params);
    for (const int threads : {1, 2}) {
      const tests::ThreadCount count(threads);
      for (const int64_t rows : {1, 3, 32}) {
        for (const bool share : {false, true}) {
          CAPTURE(threads);
          CAPTURE(rows);
          CAPTURE(share);
          const EngineOptions options{.rows_per_thread = rows, .share_prompt = share};
          CHECK(bits_equal(generate(*model, params, options), want));
        }
      }
    }
  }
}

TEST_CASE("engine: a prompt's group does not depend on the other prompts or their order") {
  const auto model = golden_model("llama", at::kFloat);
  const auto params = golden_sampling();
  const auto prompts = golden_prompts();
  const auto want = generate(*model, params);
  const std::vector<Prompt> backwards(prompts.rbegin(), prompts.rend());
  const auto reversed = generate(*model, params, {}, 4, backwards);
  CHECK(bits_equal(std::vector<Group>(reversed.rbegin(), reversed.rend()), want));
  CHECK(bits_equal(generate(*model, params, {}, 4, {prompts[3], prompts[1]}), {want[3], want[1]}));
}

TEST_CASE("engine: a sample with its number is the same in groups of any size") {
  const auto model = golden_model("qwen3", at::kFloat);
  const auto params = golden_sampling();
  const auto four = generate(*model, params, {}, 4), sixteen = generate(*model, params, {}, 16);
  for (size_t p = 0; p < four.size(); ++p) {
    CHECK(bits_equal(four[p], Group(sixteen[p].begin(), sixteen[p].begin() + 4)));
  }
}

TEST_CASE("engine: samples, prompt indices and streams differ from each other") {
  const auto model = golden_model("qwen3", at::kFloat);
  const auto params = golden_sampling();
  const auto want = generate(*model, params);
  for (const Group& group : want) {
    for (size_t a = 0; a < group.size(); ++a) {
      for (size_t b = 0; b < a; ++b) CHECK(group[a].ids != group[b].ids);
    }
  }
  auto prompts = golden_prompts();
  for (Prompt& prompt : prompts) prompt.index += 100;
  CHECK(!bits_equal(generate(*model, params, {}, 4, prompts), want));
  const RandomStream later({.seed = 5, .stage = 1, .step = 4});
  CHECK(!bits_equal(make_engine(*model)->generate(golden_prompts(), 4, params, later), want));
}

TEST_CASE("engine: completions longer than the first caches have the bits of training") {
  const auto model = golden_model("qwen2", at::kFloat);
  const SamplingParams params{.temperature = 0.8, .max_new_tokens = 300};
  const auto all = golden_prompts();
  const std::vector<Prompt> prompts = {all[0], all[3]};
  for (const bool share : {false, true}) {
    const EngineOptions options{.rows_per_thread = 2, .share_prompt = share};
    const auto groups = generate(*model, params, options, 2, prompts);
    std::vector<std::vector<float>> logprobs;
    for (const Group& group : groups) {
      for (const Completion& completion : group) {
        CHECK(completion.ids.size() == 300);
        logprobs.push_back(completion.logprobs);
      }
    }
    CHECK(bits_equal(logprobs, training_logprobs(*model, prompts, groups, 0.8)));
  }
}

TEST_CASE("engine: it reads the policy's own weights, also after they have changed") {
  const auto model = golden_model("llama", at::kFloat);
  const auto engine = make_engine(*model);
  const auto params = golden_sampling();
  const auto before = engine->generate(golden_prompts(), 4, params, golden_stream());
  {
    const at::NoGradGuard no_grad;
    for (at::Tensor parameter : model->parameters()) parameter.mul_(1.1);
  }
  model->repack();
  const auto after = engine->generate(golden_prompts(), 4, params, golden_stream());
  CHECK(!bits_equal(after, before));
  CHECK(bits_equal(after, generate(*model, params)));
}

}  // namespace
}  // namespace reckon::rollout
