#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reckon::watch {

/// Where the answers of one optimizer step lie in completions.jsonl.
struct CompletionStep {
  std::string stage;
  int64_t step = 0;
  uint64_t offset = 0;  ///< bytes before the first line
  uint64_t size = 0;    ///< bytes of all lines
  int64_t count = 0;    ///< number of lines
};

/// One sampled answer. Long texts are cut; see `read_completions`.
struct Completion {
  int64_t prompt_index = 0;
  int64_t sample = 0;
  int64_t num_tokens = 0;
  std::string prompt;
  std::string completion;
  uint64_t completion_bytes = 0;  ///< before cutting
  std::string finish_reason;
  std::string extracted;
  std::string gold;
  std::string reason;
  std::string difficulty;  ///< class of the problem; empty where the task has none
  std::optional<double> reward;
  std::optional<double> advantage;
  std::map<std::string, std::optional<double>> rewards;  ///< of each reward function
  std::vector<double> logprobs;     ///< of each sampled token, where the run records them
  std::vector<std::string> tokens;  ///< their texts
  bool correct = false;
};

/// Finds the steps of completions.jsonl in one pass that parses no text and holds one line at a
/// time. A half-written last line and lines that name no step are left out. A missing file gives an
/// empty result; throws `io` where the file cannot be read. Thread-safe.
std::vector<CompletionStep> index_completions(const std::filesystem::path& file);

/// Adds one line of completions.jsonl, without its end, that begins at byte `offset` of the file;
/// lines come in the file's order.
void add_completion_line(std::vector<CompletionStep>& steps, std::string_view line,
                         uint64_t offset);

/// The answer in one line of completions.jsonl, with texts cut after `max_text` bytes; nothing
/// where the line is not a JSON object. Thread-safe.
std::optional<Completion> parse_completion(std::string_view line, size_t max_text = 20000);

/// Reads the answers of one step. Lines that are not JSON objects are left out; each text is cut
/// after `max_text` bytes at a character's end, and at most `max_count` answers are read. Throws
/// `io` where the file cannot be read. Thread-safe.
std::vector<Completion> read_completions(const std::filesystem::path& file,
                                         const CompletionStep& step, size_t max_text = 20000,
                                         size_t max_count = 4096);

/// The first `max_bytes` bytes of `text`, less the part of a UTF-8 character that would be torn.
std::string_view cut_text(std::string_view text, size_t max_bytes);

}  // namespace reckon::watch
