#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "policy/transformer.h"

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

/// Largest rate at which all threads together read memory, bytes/s, measured when called.
double read_bandwidth();

/// Largest amount of memory that this process has had resident so far, bytes.
double peak_memory();

/// Options of both programs: --model NAME (repeatable; a preset, or smollm2-135m for random weights
/// of that shape), --threads N, --repetitions N, --dtype float32|bfloat16.
struct Options {
  std::vector<std::string> models;
  int threads = 0;
  int repetitions = 5;
  bool bfloat16 = false;
};

/// A model of the shape called `name` with random weights, ready to run.
std::unique_ptr<policy::Transformer> make_model(const std::string& name, const Options& options);

/// Reads the options and sets the threads. Throws for unknown ones.
Options read_options(int argc, char** argv);

/// Prints one JSON line to standard output.
void print_line(const nlohmann::json& line);

}  // namespace reckon::bench
