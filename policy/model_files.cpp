#include "policy/model_files.h"

#include "core/error.h"
#include "policy/gguf/gguf_tokenizer.h"

namespace reckon::policy {

bool is_gguf_path(const std::filesystem::path& model) {
  std::error_code ignored;
  if (std::filesystem::is_directory(model, ignored)) return false;
  return model.extension() == ".gguf" || is_gguf_file(model);
}

std::unique_ptr<Tokenizer> load_model_tokenizer(const std::filesystem::path& model) {
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(model, ignored);
  check(std::filesystem::exists(status), ErrorCode::not_found,
        "expected the folder of a model or a GGUF file, got nothing at {}", model.string());
  if (is_gguf_path(model)) return read_gguf_tokenizer(GgufFile::open(model));
  check(std::filesystem::is_directory(status), ErrorCode::invalid_argument,
        "expected the folder of a model or a GGUF file, got another file, at {}", model.string());
  return load_tokenizer(model);
}

}  // namespace reckon::policy
