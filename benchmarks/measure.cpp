#include "benchmarks/measure.h"

#include <ATen/Version.h>
#include <malloc.h>

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
          {"dtype", "float32"},
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
    } else {
      fail(ErrorCode::invalid_argument,
           "expected --model, --threads or --repetitions with a value, got {}", name);
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
