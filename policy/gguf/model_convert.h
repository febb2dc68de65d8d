#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "policy/gguf/ggml_type.h"

namespace reckon::policy {

/// How a model is converted.
struct ConvertOptions {
  /// F32, F16, BF16, or Q8_0 for a GGUF file. If absent: that of the input if all its matrices have
  /// one of the first three, else F16.
  std::optional<GgmlType> type = {};
  /// Called after each tensor with how many of how many are written.
  std::function<void(std::size_t, std::size_t)> progress = {};
  /// The size at which weights of a folder are divided into several files; what is in memory at a
  /// time.
  std::size_t shard_bytes = std::size_t{4} << 30;
};

/// What was written, and what the user should know, one line each.
struct ConvertResult {
  GgmlType type = GgmlType::f16;
  std::vector<std::string> warnings;
};

/// Converts the Hugging Face folder or GGUF file at `input` into a GGUF file if `output` ends in
/// .gguf, else into a Hugging Face folder. The output appears whole or not at all. An older GGUF
/// file or model folder there is replaced. Throws Error(invalid_argument) if that would overwrite
/// the input or something that is not a model, or for a type that the output cannot have; else like
/// `open_model_source` and `write_gguf`.
ConvertResult convert_model(const std::filesystem::path& input, const std::filesystem::path& output,
                            const ConvertOptions& options);

}  // namespace reckon::policy
