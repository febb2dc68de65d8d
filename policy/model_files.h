#pragma once

#include <filesystem>
#include <memory>

#include "policy/tokenizer.h"

namespace reckon::policy {

/// The tokenizer of a model as users name it: a Hugging Face folder. Throws like `load_tokenizer`,
/// and Error(invalid_argument) for a path that is no folder.
std::unique_ptr<Tokenizer> load_model_tokenizer(const std::filesystem::path& model);

}  // namespace reckon::policy
