#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace reckon::bench {

/// Seconds of several runs of one thing.
struct Timing {
  double median = 0.0;
  double fastest = 0.0;
  double slowest = 0.0;
};

/// Runs `body` once to warm up and then `repetitions` times.
Timing measure(int repetitions, const std::function<void()>& body);

/// Largest float32 GEMM rate of LibTorch on this machine, FLOP/s: best of several square products
/// with all threads, measured when called.
double gemm_peak();

/// What every line says of machine and build: processor, cores, threads, march, build type, whether
/// the machine was busy.
nlohmann::json machine();

/// Options of both programs: --model PRESET (repeatable), --threads N, --repetitions N.
struct Options {
  std::vector<std::string> models;
  int threads = 0;
  int repetitions = 5;
};

/// Reads the options and sets the threads. Throws for unknown ones.
Options read_options(int argc, char** argv);

/// Prints one JSON line to standard output.
void print_line(const nlohmann::json& line);

}  // namespace reckon::bench
