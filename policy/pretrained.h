#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>

#include "policy/tokenizer.h"
#include "policy/transformer.h"

namespace reckon::policy {

/// A model with its tokenizer.
struct Pretrained {
  std::unique_ptr<Transformer> model;
  std::shared_ptr<const Tokenizer> tokenizer;
  std::filesystem::path source = {};  ///< where it was read; empty for a new model
};

/// Reads a Hugging Face folder (`config.json`, `model.safetensors` or its shards in F32, F64, BF16
/// or F16, tokenizer), a GGUF file, or the folder of a LoRA adapter of either (PEFT's layout; it is
/// merged) into a model of `options`' dtype and device. Throws
/// `not_found`, `corrupt` (missing, surplus or misshapen tensors are named) and `unsupported`.
Pretrained load_pretrained(const std::filesystem::path& path, const at::TensorOptions& options);

/// The model alone, for folders without a tokenizer.
std::unique_ptr<Transformer> load_transformer(const std::filesystem::path& path,
                                              const at::TensorOptions& options);

/// Writes a folder that `transformers` loads: configuration, weights in the model's dtype, an
/// adapter merged into them,
/// tokenizer. The folder must exist. Throws `io`.
void save_pretrained(const Transformer& model, const Tokenizer& tokenizer,
                     const std::filesystem::path& folder);

}  // namespace reckon::policy
