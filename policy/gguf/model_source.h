#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "policy/gguf/ggml_type.h"
#include "policy/gguf/gguf_export.h"
#include "policy/model_config.h"
#include "policy/tokenizer.h"

namespace reckon::policy {

/// A model to be converted, from a Hugging Face folder or a GGUF file. Its files stay open as long
/// as the tensors live.
struct ModelSource {
  ModelConfig config;
  std::shared_ptr<const Tokenizer> tokenizer;  ///< null where there is none
  std::vector<SourceTensor> tensors;           ///< exactly those of `config`
  /// F32, F16 or BF16 where all matrices have this type, else none.
  std::optional<GgmlType> type = {};
};

/// Opens the model at `path` and checks that its tensors are those of its configuration. Ids that
/// end a text come from generation_config.json where there is one. Throws Error(not_found),
/// Error(corrupt) and Error(unsupported) like the readers of these files.
ModelSource open_model_source(const std::filesystem::path& path);

}  // namespace reckon::policy
