#include "tests/watch/run_files.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace reckon::watch {

using nlohmann::json;

void RunFiles::put(const std::string& name, const std::string& bytes) const {
  std::ofstream(file(name), std::ios::binary | std::ios::trunc) << bytes;
}

void RunFiles::append(const std::string& name, const std::string& bytes) const {
  std::ofstream(file(name), std::ios::binary | std::ios::app) << bytes;
}

void RunFiles::append_line(const std::string& name, const json& line) const {
  append(name, line.dump() + "\n");
}

void RunFiles::put_recipe(const std::string& name, int64_t seed) const {
  const json stages = {{{"name", "base"}, {"kind", "pretrain"}, {"max_steps", 3}},
                       {{"name", "zero"}, {"kind", "grpo"}, {"max_steps", 40}},
                       {{"name", "exam"}, {"kind", "eval"}}};
  const json recipe = {
      {"name", name}, {"seed", seed}, {"claim", "length pays"}, {"stages", stages}};
  put("recipe.json", json{{"recipe", recipe},
                          {"hash", "0123456789abcdef"},
                          {"version", "0.1.0"},
                          {"device", "cpu"},
                          {"threads", 2},
                          {"command", "reckon run tiny"}}
                         .dump());
}

void RunFiles::put_metrics(int64_t steps) const {
  for (int64_t step = 1; step <= 3; ++step) {
    append_line("metrics.jsonl", {{"stage", "base"},
                                  {"kind", "pretrain"},
                                  {"step", step},
                                  {"loss", 3.0 / static_cast<double>(step)},
                                  {"step_time", 0.5}});
  }
  for (int64_t step = 1; step <= steps; ++step) {
    append_line("metrics.jsonl", {{"stage", "zero"},
                                  {"kind", "grpo"},
                                  {"step", step},
                                  {"reward", 0.01 * static_cast<double>(step)},
                                  {"completions/mean_length_wrong", nullptr},
                                  {"step_time", 1.0}});
  }
}

void RunFiles::add_evaluation(const std::string& stage, int64_t step, double accuracy,
                              double mean_length) const {
  append_line("evals.jsonl", {{"stage", stage},
                              {"policy", stage},
                              {"step", step},
                              {"data", "held_out"},
                              {"num_prompts", 256},
                              {"sampling", {{"temperature", 1.0}, {"num_samples", 1}}},
                              {"accuracy", accuracy},
                              {"accuracy_interval", {accuracy - 0.05, accuracy + 0.05}},
                              {"mean_length", mean_length},
                              {"by_difficulty", {{"easy", {{"accuracy", accuracy}}}}},
                              {"prompts", {{{"index", 3}, {"n", 1}, {"c", 1}}}}});
}

void RunFiles::add_completion(int64_t step, int64_t prompt_index, int64_t sample,
                              const std::string& difficulty, const std::string& text,
                              bool correct) const {
  append_line("completions.jsonl", {{"stage", "zero"},
                                    {"step", step},
                                    {"prompt_index", prompt_index},
                                    {"sample", sample},
                                    {"prompt", fmt::format("prompt {}", prompt_index)},
                                    {"completion", text},
                                    {"num_tokens", 12},
                                    {"finish_reason", "stop"},
                                    {"rewards", {{"countdown", correct ? 1.0 : 0.0}}},
                                    {"reward", correct ? 1.0 : 0.0},
                                    {"advantage", 0.5},
                                    {"reason", correct ? "correct" : "wrong value"},
                                    {"difficulty", difficulty},
                                    {"columns", {{"step", 99}}}});
}

}  // namespace reckon::watch
