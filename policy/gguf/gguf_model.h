#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "policy/gguf/gguf_file.h"
#include "policy/gguf/gguf_tensors.h"
#include "policy/model_config.h"
#include "policy/tokenizer.h"

namespace reckon::policy {

/// A GGUF file as the model that a Hugging Face folder would hold: configuration, tokenizer, and
/// tensors under their Hugging Face names with rows in that order. Architectures llama, qwen2 and
/// qwen3. Opening checks the configuration and that the file holds exactly its tensors, each of its
/// shape. Immutable, hence thread-safe. The file stays mapped as long as the object lives.
class GgufModel {
 public:
  /// Opens the file at `path`. Throws like GgufFile::open, Error(unsupported) for another
  /// architecture or a key or tensor that would change the mathematics, naming it, and
  /// Error(corrupt) for a missing or misshapen tensor or key.
  static GgufModel open(const std::filesystem::path& path);

  /// The same for a file that is already open.
  explicit GgufModel(GgufFile file);

  const ModelConfig& config() const { return config_; }

  /// The tokenizer that the metadata describe. Throws Error(unsupported) for another kind than
  /// byte-level BPE or an unknown way of splitting text (unless the file holds a tokenizer.json),
  /// Error(corrupt) for malformed entries or more tokens than the model has rows.
  std::unique_ptr<Tokenizer> tokenizer() const;

  /// Hugging Face names of all tensors, for example `model.layers.0.self_attn.q_proj.weight`.
  const std::vector<std::string>& names() const { return names_; }

  /// The row-major shape of a tensor. Error(not_found) for other names, as from the functions
  /// below.
  const std::vector<std::int64_t>& shape(const std::string& name) const;

  /// The type in which the file stores a tensor.
  GgmlType type(const std::string& name) const;

  /// Decodes a tensor into `values`, which must hold exactly its values (else
  /// Error(invalid_argument)).
  void read(const std::string& name, std::span<float> values) const;

  const GgufFile& file() const { return file_; }

 private:
  const ModelTensor& at(const std::string& name) const;

  GgufFile file_;
  ModelConfig config_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, ModelTensor> tensors_;
};

}  // namespace reckon::policy
