#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "rl/sampling_round.h"

namespace reckon::rl {

/// One kept sample: a line of samples.jsonl (docs/formats.md).
struct SampleRow {
  uint32_t prompt_index = 0;
  uint32_t sample = 0;
  std::string prompt;
  std::string completion;  ///< as decoded: special words kept, the end token too
  std::vector<int32_t> prompt_ids;
  std::vector<int32_t> completion_ids;  ///< at least one
  std::optional<double> reward;         ///< weighted sum
  std::map<std::string, std::optional<double>> rewards;
  std::string extracted;
  std::string gold;
  std::string difficulty;
  std::shared_ptr<const nlohmann::json> columns;  ///< an object, never null
};

/// The line of a completion that was kept.
nlohmann::json kept_line(const ScoredGroup& group, size_t sample, const Scorer& scorer);

/// The line of a completion that was dropped: without ids, with the reason.
nlohmann::json dropped_line(const ScoredGroup& group, size_t sample, const Scorer& scorer,
                            const std::string& reason);

/// Takes a line of samples.jsonl apart; `place` names it in messages. Unknown members are ignored.
/// Throws `corrupt` for a member that is missing or has another type.
SampleRow read_sample(const nlohmann::json& line, const std::string& place);

/// Calls `use` with each sample of a file in its order. Throws `not_found`, and `corrupt` with file
/// and line for a line that is no sample or was cut off.
void for_each_sample(const std::filesystem::path& path, const std::function<void(SampleRow)>& use);

/// All samples of a file. Throws like `for_each_sample`.
std::vector<SampleRow> read_samples(const std::filesystem::path& path);

/// How many completions of a class were drawn and kept.
struct ClassCount {
  int64_t drawn = 0;
  int64_t kept = 0;

  bool operator==(const ClassCount&) const = default;
};

/// What summary.json says of the samples beside it.
struct SampleSummary {
  std::string tokenizer;  ///< `tokenizer_fingerprint` of the tokenizer that made the ids
  int64_t prompts = 0;    ///< problems answered
  int64_t drawn = 0;      ///< completions
  int64_t correct = 0;
  int64_t kept = 0;
  int64_t rows = 0;                        ///< lines of samples.jsonl: `kept` and repetitions
  int64_t prompt_tokens = 0;               ///< of the prompts answered, each once
  int64_t num_tokens = 0;                  ///< of all completions
  int64_t num_tokens_kept = 0;             ///< of the kept ones, without repetitions
  std::map<std::string, int64_t> dropped;  ///< by reason
  /// By column and class.
  std::map<std::string, std::map<std::string, ClassCount>> by;

  bool operator==(const SampleSummary&) const = default;
};

/// The content of summary.json.
nlohmann::json write_summary(const SampleSummary& summary);

/// Reads what `write_summary` wrote; `place` names it in messages. Throws `corrupt`.
SampleSummary read_summary(const nlohmann::json& json, const std::string& place);

/// The summary.json of a stage folder. Throws `not_found`, `io` or `corrupt`.
SampleSummary read_sample_summary(const std::filesystem::path& stage_folder);

/// A name, 16 hexadecimal digits, of the meaning of ids: equal for tokenizers with the same tokens
/// at the same ids and the same beginning, end and padding. Rules of splitting are not in it.
std::string tokenizer_fingerprint(const policy::Tokenizer& tokenizer);

}  // namespace reckon::rl
