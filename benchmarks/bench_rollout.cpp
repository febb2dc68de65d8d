// Decoding speed: tokens per second of the rollout engine for groups with a shared prompt, with and
// without sharing, over the number of rows a thread decodes together. One JSON line a measurement.
#include <nlohmann/json.hpp>

#include "benchmarks/measure.h"
#include "core/error.h"
#include "rollout/engine.h"

namespace reckon::bench {
namespace {

constexpr int64_t kTinyPrompts = 16, kTinySamples = 16, kNewTokens = 128;

// FLOP of one decoded token: 2 for each weight of a projection and of the output head.
double decode_flop(const policy::ModelConfig& c) {
  const int64_t looked_up = c.tie_word_embeddings ? 0 : c.vocab_size * c.hidden_size;
  return 2.0 * static_cast<double>(c.num_parameters() - looked_up);
}

struct Load {
  int64_t prompts, samples, prompt_tokens, rows_per_thread;
  bool share_prompt;
};

struct Peaks {
  double gemm, bandwidth;
};

std::vector<rollout::Prompt> make_prompts(const Load& load, int64_t vocabulary) {
  std::vector<rollout::Prompt> prompts;
  for (uint32_t i = 0; i < load.prompts; ++i) {
    std::vector<int32_t> ids;
    for (int64_t t = 0; t < load.prompt_tokens; ++t) {
      ids.push_back(static_cast<int32_t>((i * 7 + t * 13) % vocabulary));
    }
    prompts.push_back({i, ids});
  }
  return prompts;
}

void bench(const std::string& name, const policy::Transformer& model, const Load& load,
           const Options& options, const Peaks& peaks) {
  const auto prompts = make_prompts(load, model.config().vocab_size);
  rollout::SamplingParams params;
  params.max_new_tokens = kNewTokens;
  const RandomStream stream({1, 0, Purpose::sample, 0});
  const auto engine = rollout::make_engine(model, {load.rows_per_thread, load.share_prompt, {}});
  const auto timing = measure(options.repetitions,
                              [&] { engine->generate(prompts, load.samples, params, stream); });
  const double sequences = static_cast<double>(load.prompts * load.samples);
  const double rate = sequences * kNewTokens / timing.median;
  // All weights are read once for the rows that are decoded together.
  const double bytes = static_cast<double>(model.config().num_parameters()) *
                       (options.bfloat16 ? 2.0 : 4.0) * kNewTokens / timing.median;
  print_line({{"bench", "rollout"},
              {"model", name},
              {"dtype", options.bfloat16 ? "bfloat16" : "float32"},
              {"parameters", model.config().num_parameters()},
              {"sequences", sequences},
              {"prompts", load.prompts},
              {"samples", load.samples},
              {"prompt_tokens", load.prompt_tokens},
              {"new_tokens", kNewTokens},
              {"rows_per_thread", load.rows_per_thread},
              {"share_prompt", load.share_prompt},
              {"tokens_per_second", rate},
              {"fastest", sequences * kNewTokens / timing.fastest},
              {"slowest", sequences * kNewTokens / timing.slowest},
              {"gemm_peak_gflops", peaks.gemm / 1e9},
              {"share_of_gemm_peak", rate * decode_flop(model.config()) / peaks.gemm},
              {"bandwidth_peak_gb_s", peaks.bandwidth / 1e9},
              {"share_of_bandwidth_peak", bytes / peaks.bandwidth},
              {"peak_memory_gb", peak_memory() / 1e9},
              {"machine", machine()}});
}

void bench_model(const std::string& name, const Options& options, const Peaks& peaks) {
  const auto model = make_model(name, options);
  if (name.starts_with("tiny")) {
    for (const int64_t rows : {8, 16, 32, 64}) {
      bench(name, *model, {kTinyPrompts, kTinySamples, 6, rows, true}, options, peaks);
    }
    for (const bool share : {true, false}) {
      bench(name, *model, {kTinyPrompts, kTinySamples, 64, 32, share}, options, peaks);
    }
    return;
  }
  for (const int64_t sequences : {1, 16, 32, 64}) {
    bench(name, *model, {1, sequences, 64, 32, true}, options, peaks);
  }
}

}  // namespace
}  // namespace reckon::bench

int main(int argc, char** argv) {
  using namespace reckon::bench;
  try {
    const Options options = read_options(argc, argv);
    const Peaks peaks{gemm_peak(), read_bandwidth()};
    for (const auto& model : options.models) bench_model(model, options, peaks);
  } catch (const reckon::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
