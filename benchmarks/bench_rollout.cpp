// Decoding speed: tokens per second of the rollout engine for groups with a shared prompt, with and
// without sharing, over the number of rows a thread decodes together. One JSON line a measurement.
#include <nlohmann/json.hpp>

#include "benchmarks/measure.h"
#include "core/error.h"
#include "rollout/engine.h"

namespace reckon::bench {
namespace {

constexpr int64_t kVocabulary = 170;
constexpr int64_t kPrompts = 16, kSamples = 16, kNewTokens = 128;

// FLOP of one decoded token: 2 for each weight of a projection.
double decode_flop(const policy::ModelConfig& c) {
  return 2.0 * static_cast<double>(c.num_parameters() - c.vocab_size * c.hidden_size);
}

void bench(const std::string& preset, int64_t rows, bool share, int64_t prompt_tokens,
           const Options& options, double peak) {
  policy::Transformer model(policy::model_preset(preset, kVocabulary),
                            at::TensorOptions().dtype(at::kFloat));
  policy::initialize(model, 1, 0);
  std::vector<rollout::Prompt> prompts;
  for (uint32_t i = 0; i < kPrompts; ++i) {
    std::vector<int32_t> ids;
    for (int64_t t = 0; t < prompt_tokens; ++t) {
      ids.push_back(static_cast<int32_t>((i * 7 + t * 13) % kVocabulary));
    }
    prompts.push_back({i, ids});
  }
  rollout::SamplingParams params;
  params.max_new_tokens = kNewTokens;
  const RandomStream stream({1, 0, Purpose::sample, 0});
  const auto engine = rollout::make_engine(model, {rows, share});
  const auto timing =
      measure(options.repetitions, [&] { engine->generate(prompts, kSamples, params, stream); });
  const double tokens = kPrompts * kSamples * kNewTokens;
  print_line({{"bench", "rollout"},
              {"model", preset},
              {"parameters", model.config().num_parameters()},
              {"prompts", kPrompts},
              {"samples", kSamples},
              {"prompt_tokens", prompt_tokens},
              {"new_tokens", kNewTokens},
              {"rows_per_thread", rows},
              {"share_prompt", share},
              {"tokens_per_second", tokens / timing.median},
              {"fastest", tokens / timing.fastest},
              {"slowest", tokens / timing.slowest},
              {"gemm_peak_gflops", peak / 1e9},
              {"share_of_peak", tokens / timing.median * decode_flop(model.config()) / peak},
              {"machine", machine()}});
}

}  // namespace
}  // namespace reckon::bench

int main(int argc, char** argv) {
  using namespace reckon::bench;
  try {
    const Options options = read_options(argc, argv);
    const double peak = gemm_peak();
    for (const auto& model : options.models) {
      for (const int64_t rows : {8, 16, 32, 64}) bench(model, rows, true, 6, options, peak);
      for (const bool share : {true, false}) bench(model, 32, share, 64, options, peak);
    }
  } catch (const reckon::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
