// How many pairs of answers the mathematical grader decides in a second, on one core: integers,
// right answers and wrong answers to all golds of a set.
//
//     bench_grade [--data FOLDER/math] [--answers FILE] [--repetitions N]
//
// Prints one JSON line. With --answers, a file of JSON lines with "gold" and "answer", these pairs
// are one more class, so that another grader can be timed on the same ones.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/build_info.h"
#include "core/jsonl.h"
#include "rewards/math/math.h"

namespace reckon::bench {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct GradeOptions {
  std::string data = "../shared/data/math";
  std::string answers;
  int repetitions = 5;
};

GradeOptions read_grade_options(int argc, char** argv) {
  GradeOptions options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--data") options.data = argv[i + 1];
    if (name == "--answers") options.answers = argv[i + 1];
    if (name == "--repetitions") options.repetitions = std::max(1, std::atoi(argv[i + 1]));
  }
  return options;
}

std::vector<std::string> golds(const std::string& folder) {
  std::vector<std::string> result;
  for (const char* part : {"train.jsonl", "test.jsonl"}) {
    const std::filesystem::path path = std::filesystem::path(folder) / part;
    if (!std::filesystem::exists(path)) continue;
    JsonlReader reader(path, JsonlMode::strict);
    while (const auto row = reader.next()) result.push_back(row->at("answer").get<std::string>());
  }
  return result;
}

bool is_integer(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

/// Pairs per second: median, slowest and fastest of the repetitions.
nlohmann::json rate(const Pairs& pairs, int repetitions) {
  std::vector<double> rates;
  int right = 0;
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    right = 0;
    const auto start = std::chrono::steady_clock::now();
    for (const auto& [gold, answer] : pairs) {
      if (rewards::math::grade_answer(answer, gold).score == 1.0) ++right;
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    rates.push_back(static_cast<double>(pairs.size()) / seconds.count());
  }
  std::sort(rates.begin(), rates.end());
  return {{"pairs", pairs.size()},
          {"right", right},
          {"pairs_per_second", rates[rates.size() / 2]},
          {"slowest", rates.front()},
          {"fastest", rates.back()}};
}

int run(const GradeOptions& options) {
  const std::vector<std::string> all = golds(options.data);
  if (all.empty()) {
    std::fprintf(stderr, "expected train.jsonl and test.jsonl in %s\n", options.data.c_str());
    return 2;
  }
  Pairs integers;
  Pairs same;
  Pairs other;
  for (size_t i = 0; i < all.size(); ++i) {
    if (is_integer(all[i])) integers.emplace_back(all[i], all[i]);
    same.emplace_back(all[i], all[i]);
    other.emplace_back(all[i], all[(i + 7) % all.size()]);
  }
  nlohmann::json line{{"bench", "grade"},
                      {"build", kBuildType},
                      {"compiler", kCompiler},
                      {"cores", std::thread::hardware_concurrency()},
                      {"repetitions", options.repetitions}};
  line["integer"] = rate(integers, options.repetitions);
  line["gold_right"] = rate(same, options.repetitions);
  line["gold_wrong"] = rate(other, options.repetitions);
  if (!options.answers.empty()) {
    Pairs given;
    JsonlReader reader(options.answers, JsonlMode::strict);
    while (const auto row = reader.next()) {
      given.emplace_back(row->at("gold").get<std::string>(), row->at("answer").get<std::string>());
    }
    line["answers"] = rate(given, options.repetitions);
  }
  std::printf("%s\n", line.dump().c_str());
  return 0;
}

}  // namespace
}  // namespace reckon::bench

int main(int argc, char** argv) {
  return reckon::bench::run(reckon::bench::read_grade_options(argc, argv));
}
