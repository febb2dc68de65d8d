#include "policy/model_files.h"

#include "core/error.h"

namespace reckon::policy {

std::unique_ptr<Tokenizer> load_model_tokenizer(const std::filesystem::path& model) {
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(model, ignored);
  check(std::filesystem::exists(status), ErrorCode::not_found,
        "expected the folder of a model, got nothing at {}", model.string());
  check(std::filesystem::is_directory(status), ErrorCode::invalid_argument,
        "expected the folder of a model, got a file, at {}", model.string());
  return load_tokenizer(model);
}

}  // namespace reckon::policy
