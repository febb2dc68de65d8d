#include "tests/watch/chain_run.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

namespace reckon::watch {

using nlohmann::json;

namespace {

// What every line of an evaluation has.
json line_of(const std::string& stage, const std::string& policy, double accuracy) {
  return {{"stage", stage},
          {"policy", policy},
          {"step", 0},
          {"data", "held_out"},
          {"sampling", {{"temperature", 1.0}, {"num_samples", 4}}},
          {"accuracy", accuracy},
          {"accuracy_interval", {accuracy - 0.02, accuracy + 0.04}}};
}

}  // namespace

ChainRun::ChainRun(int64_t seed) {
  const json stages = {{{"name", "base"}, {"kind", "pretrain"}},
                       {{"name", "zero"}, {"kind", "grpo"}},
                       {{"name", "dev1"}, {"kind", "sft"}},
                       {{"name", "lists"}, {"kind", "eval"}},
                       {{"name", "exam"}, {"kind", "eval"}}};
  put("recipe.json",
      json{{"recipe", {{"name", "chain"}, {"seed", seed}, {"stages", stages}}}}.dump());
}

void ChainRun::add_exam(const std::string& policy, const std::vector<int64_t>& right) const {
  const double accuracy =
      static_cast<double>(std::accumulate(right.begin(), right.end(), int64_t{0})) /
      (4.0 * static_cast<double>(right.size()));
  json line = line_of("exam", policy, accuracy);
  line["num_prompts"] = right.size();
  line["mean_length"] = 40.0 + 50.0 * accuracy;
  line["mean_length_interval"] = {60.0, 64.0};
  line["reflection/wait"] = 2.0 * accuracy;
  line["pass_at_k"] = {{"1", accuracy}, {"4", 1.0}};
  line["pass_at_k_interval"] = {{"4", {0.98, 1.0}}};
  line["rewards/countdown/mean"] = accuracy;
  line["rewards/language/mean"] = 0.5;
  line["rewards/language/mean_interval"] = {0.47, 0.53};
  line["clean_frac"] = accuracy / 2;
  line["by_difficulty"] = {{"hard", {{"accuracy", accuracy - 0.1}}},
                           {"easy", {{"accuracy", accuracy}}}};
  for (const char* language : {"en", "ko"}) {
    const double consistency = language[0] == 'e' ? 0.83 : 0.16;
    line["by"]["language"][language] = {{"accuracy", accuracy},
                                        {"rewards/language/mean", consistency}};
  }
  for (size_t i = 0; i < right.size(); ++i) {
    line["prompts"].push_back({{"index", i},
                               {"n", 4},
                               {"c", right[i]},
                               {"values", {{"mean_length", 40 + 10 * right[i]}}}});
  }
  append_line("evals.jsonl", line);
}

void ChainRun::add_exams(int64_t wrong) const {
  add_exam("base", {0, 1, 2, 3, 4, 2, 2, 2});
  add_exam("zero", {1, 2, 3, 4, 4, 3, 3, 2});
  add_exam("dev1", {4 - wrong, 4, 4, 4, 4, 4, 4, 4});
  append_line("evals.jsonl", line_of("lists", "zero", 0.15));
  append_line("evals.jsonl", line_of("lists", "dev1", 0.11));
}

void ChainRun::put_cost(const std::string& stage, const json& cost) const {
  std::filesystem::create_directories(file("stages/" + stage));
  put("stages/" + stage + "/cost.json", cost.dump());
}

}  // namespace reckon::watch
