#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "policy/gguf/ggml_type.h"
#include "policy/model_config.h"
#include "policy/tokenizer.h"

namespace reckon::policy {

/// A tensor of a model under its Hugging Face name; `fill` gives its values in row-major order and
/// is called once.
struct SourceTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::function<void(std::span<float>)> fill;
};

/// What `write_gguf` may be told and tells beyond the model.
struct GgufExportOptions {
  GgmlType type = GgmlType::f16;  ///< F32, F16, BF16 or Q8_0
  std::string name;               ///< general.name; left out if empty
  /// Called after each tensor with how many of how many are written.
  std::function<void(std::size_t, std::size_t)> progress = {};
};

/// Writes a model as a GGUF file that llama.cpp reads, atomically and with one tensor in memory at
/// a time. Norms and biases stay F32, and matrices whose rows are no multiple of 32 become F16
/// instead of Q8_0. The whole tokenizer goes into `tokenizer.huggingface.json`; a byte-level one
/// also into the entries that other programs read. `tokenizer` may be null. Returns what the user
/// should know, one line each: here a way of splitting text that GGUF has no name for. Throws
/// Error(invalid_argument) for tensors that are not those of `config`, Error(unsupported) for what
/// the format cannot say (the RoPE scaling llama3 outside of llama, untruncated YaRN), Error(io).
std::vector<std::string> write_gguf(const std::filesystem::path& path, const ModelConfig& config,
                                    const Tokenizer* tokenizer, std::vector<SourceTensor> tensors,
                                    const GgufExportOptions& options);

}  // namespace reckon::policy
