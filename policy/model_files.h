#pragma once

#include <filesystem>
#include <memory>

#include "policy/tokenizer.h"

namespace reckon::policy {

/// Whether a model as users name it is a GGUF file: no folder, and its name ends in .gguf or its
/// bytes say so. Never throws.
bool is_gguf_path(const std::filesystem::path& model);

/// The tokenizer of a model as users name it: a Hugging Face folder or a GGUF file. Throws like
/// `load_tokenizer` or `read_gguf_tokenizer`, and Error(invalid_argument) for another file.
std::unique_ptr<Tokenizer> load_model_tokenizer(const std::filesystem::path& model);

}  // namespace reckon::policy
