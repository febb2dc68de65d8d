#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/config_types.h"
#include "rl/sampling_round.h"

namespace reckon::cli {

/// The figures of an evaluation (a line of evals.jsonl) as a table for people.
std::string eval_table(const nlohmann::json& line);

/// Collects what was answered to each prompt. Not thread-safe.
class EvalAnswers {
 public:
  /// `scorer` must outlive it.
  explicit EvalAnswers(const rl::Scorer& scorer) : scorer_(scorer) {}

  /// Adds the sampled completions of a prompt, or its greedy one.
  void add(const rl::ScoredGroup& group, bool greedy);

  /// How often something was added.
  size_t size() const { return size_; }

  /// Writes one JSON object a prompt (docs/formats.md), in the order of the prompts. Throws `io`.
  void write(const std::filesystem::path& path) const;

 private:
  const rl::Scorer& scorer_;
  std::map<uint32_t, JsonValue> sampled_;  // by prompt
  std::map<uint32_t, JsonValue> greedy_;
  size_t size_ = 0;
};

}  // namespace reckon::cli
