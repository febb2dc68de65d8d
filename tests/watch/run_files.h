#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/files.h"

namespace reckon::watch {

/// A made-up run folder in the temporary folder, removed at the end. `put` and `append` write any
/// bytes, so that files can be torn or hostile.
class RunFiles {
 public:
  const std::filesystem::path& path() const { return folder_.path(); }
  std::filesystem::path file(const std::string& name) const { return path() / name; }

  void put(const std::string& name, const std::string& bytes) const;
  void append(const std::string& name, const std::string& bytes) const;
  void append_line(const std::string& name, const nlohmann::json& line) const;

  /// recipe.json with the stages base (pretrain), zero (grpo) and exam (eval).
  void put_recipe(const std::string& name = "tiny", int64_t seed = 7) const;
  /// `steps` lines of metrics for stage zero, and 3 before them for stage base.
  void put_metrics(int64_t steps) const;
  /// One evaluation with intervals.
  void add_evaluation(const std::string& stage, int64_t step, double accuracy,
                      double mean_length) const;
  /// One answer.
  void add_completion(int64_t step, int64_t prompt_index, int64_t sample,
                      const std::string& difficulty, const std::string& text, bool correct) const;

 private:
  TempFolder folder_;
};

}  // namespace reckon::watch
