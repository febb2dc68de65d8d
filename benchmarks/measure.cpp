#include "benchmarks/measure.h"

#include <ATen/Version.h>
#include <ATen/cpu/vec/vec.h>
#include <malloc.h>
#include <sys/resource.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/build_info.h"
#include "core/error.h"
#include "core/json.h"
#include "core/progress.h"

namespace reckon::bench {

Timing measure(int repetitions, const std::function<void()>& body) {
  body();
  std::vector<double> seconds;
  for (int i = 0; i < repetitions; ++i) {
    const double start = steady_seconds();
    body();
    seconds.push_back(steady_seconds() - start);
  }
  std::sort(seconds.begin(), seconds.end());
  return {seconds[seconds.size() / 2], seconds.front(), seconds.back()};
}

double gemm_peak() {
  const at::NoGradGuard no_grad;
  constexpr int64_t kSize = 2048;
  const auto a = at::randn({kSize, kSize}), b = at::randn({kSize, kSize});
  auto c = at::empty({kSize, kSize});
  const auto timing = measure(9, [&] { at::mm_out(c, a, b); });
  return 2.0 * kSize * kSize * kSize / timing.fastest;
}

double read_bandwidth() {
  constexpr int64_t kFloats = int64_t{1} << 27;
  const auto data = at::ones({kFloats});
  const auto* values = data.const_data_ptr<float>();
  std::vector<float> sums(static_cast<size_t>(at::get_num_threads()) * 16);
  const auto timing = measure(5, [&] {
    at::parallel_for(0, kFloats, kFloats / at::get_num_threads(), [&](int64_t begin, int64_t end) {
      at::vec::Vectorized<float> sum(0.0f);
      constexpr int64_t lanes = at::vec::Vectorized<float>::size();
      for (int64_t i = begin; i + lanes <= end; i += lanes) {
        sum = sum + at::vec::Vectorized<float>::loadu(values + i);
      }
      sum.store(sums.data() + 16 * at::get_thread_num());
    });
  });
  check(sums[0] > 0.0f, ErrorCode::internal, "expected a sum, got {}", sums[0]);
  return static_cast<double>(kFloats) * sizeof(float) / timing.fastest;
}

double peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024.0;
}

std::unique_ptr<policy::Transformer> make_model(const std::string& name, const Options& options) {
  constexpr int64_t kTinyVocabulary = 170;
  policy::ModelConfig config;
  if (name == "smollm2-135m") {
    config.vocab_size = 49152;
    config.hidden_size = 576;
    config.intermediate_size = 1536;
    config.num_hidden_layers = 30;
    config.num_attention_heads = 9;
    config.num_key_value_heads = 3;
    config.head_dim = 64;
    config.rope_theta = 100000.0;
    config.tie_word_embeddings = true;
  } else {
    config = policy::model_preset(name, kTinyVocabulary);
  }
  auto model = std::make_unique<policy::Transformer>(config, at::TensorOptions().dtype(at::kFloat));
  policy::initialize(*model, 1, 0);
  if (options.bfloat16) model->set_storage(policy::kernels::Storage::bfloat16);
  return model;
}

nlohmann::json machine() {
  std::string model = "unknown", line;
  std::ifstream info("/proc/cpuinfo");
  while (std::getline(info, line)) {
    if (line.starts_with("model name")) model = line.substr(line.find(':') + 2);
  }
  double load = 0.0;
  getloadavg(&load, 1);
  return {{"cpu", model},
          {"simd", at::get_cpu_capability()},
          {"cores", std::thread::hardware_concurrency()},
          {"threads", at::get_num_threads()},
          {"march", kMarch},
          {"build", kBuildType},
          {"version", kVersion},
          {"load_average", load}};
}

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i], value = argv[i + 1];
    if (name == "--model") {
      options.models.push_back(value);
    } else if (name == "--threads") {
      options.threads = std::atoi(value.c_str());
    } else if (name == "--repetitions") {
      options.repetitions = std::atoi(value.c_str());
    } else if (name == "--dtype" && (value == "float32" || value == "bfloat16")) {
      options.bfloat16 = value == "bfloat16";
    } else {
      fail(ErrorCode::invalid_argument,
           "expected --model, --threads, --repetitions or --dtype (float32 or bfloat16) with a "
           "value, got {} {}",
           name, value);
    }
  }
  if (options.models.empty()) options.models = {"tiny-0.4m", "tiny-0.8m"};
  if (options.threads <= 0) options.threads = static_cast<int>(std::thread::hardware_concurrency());
  at::set_num_threads(options.threads);
  // The same memory policy as the program (cli/main.cpp).
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2'000'000'000);
  mallopt(M_TOP_PAD, 64 << 20);
  return options;
}

void print_line(const nlohmann::json& line) {
  fmt::print("{}\n", json_text(line));
  std::fflush(stdout);
}

}  // namespace reckon::bench
