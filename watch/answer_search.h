#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "watch/completions.h"

namespace reckon::watch {

/// completions.jsonl of one run, and where its steps lie.
struct AnswerFile {
  std::filesystem::path file;
  std::vector<CompletionStep> steps;  ///< in the file's order
};

/// Bounds of one look through the file.
struct SearchLimits {
  double seconds = 2.0;
  size_t results = 50;
  size_t text = 4000;  ///< bytes of each text
};

/// `{"groups": [...]}`: the answers of one step, those of one prompt together, in the file's order.
/// No groups where the step is not on record. Throws Error(io).
nlohmann::json groups_json(const AnswerFile& answers, const std::string& stage, int64_t step);

/// One answer with its whole text, at most 2 MB; null where it is not on record. Throws Error(io).
nlohmann::json whole_answer_json(const AnswerFile& answers, const std::string& stage, int64_t step,
                                 int64_t prompt_index, int64_t sample);

/// `{"results": [...], "done", "scanned_bytes"}`: answers in whose prompt or completion `text` is
/// found, upper and lower case apart, newest first. An empty `stage` means all. `done` says whether
/// the whole file was looked through. Throws Error(io).
nlohmann::json search_json(const AnswerFile& answers, const std::string& text,
                           const std::string& stage, const SearchLimits& limits = {});

/// `{"samples": [...], "done", "scanned_bytes"}`: the first answer to one prompt of each step that
/// had it, newest first. Prompts of other numbers count where their text is the same. Throws
/// Error(io).
nlohmann::json prompt_json(const AnswerFile& answers, int64_t prompt_index,
                           const std::string& stage, const SearchLimits& limits = {});

}  // namespace reckon::watch
