#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/gguf/ggml_type.h"

namespace reckon::policy {

/// A tensor to be written. `fill` gives its values in row-major order and is called once, when the
/// tensor's turn has come.
struct GgufOutputTensor {
  std::string name;
  GgmlType type = GgmlType::f32;
  std::vector<std::int64_t> shape;
  std::function<void(std::span<float>)> fill;
};

/// Collects the metadata and tensors of a GGUF file (version 3, alignment 32) and writes it. Equal
/// input gives equal bytes. Keys and tensor names must be distinct. Not thread-safe.
class GgufWriter {
 public:
  void add_integer(std::string_view key, std::uint32_t value);
  void add_float(std::string_view key, float value);
  void add_boolean(std::string_view key, bool value);
  /// Throws Error(invalid_argument) for a text that is not UTF-8, as readers refuse it.
  void add_text(std::string_view key, std::string_view value);
  void add_texts(std::string_view key, std::span<const std::string> values);
  void add_integers(std::string_view key, std::span<const std::int32_t> values);
  void add_tensor(GgufOutputTensor tensor) { tensors_.push_back(std::move(tensor)); }

  /// Writes the file at `path`, replacing what is there only once everything is on the disk, with
  /// one tensor in memory at a time. `on_tensor` is called after each tensor with how many are
  /// written. Throws Error(invalid_argument) for a bad tensor (shape, whole blocks, name) before
  /// anything is written, Error(io) for a failing or full disk, and what `fill` throws; no partial
  /// file is left.
  void write(const std::filesystem::path& path,
             const std::function<void(std::size_t)>& on_tensor) const;

 private:
  void add_key(std::string_view key, std::uint32_t type);

  std::string metadata_;  // as it stands in the file
  std::uint64_t metadata_count_ = 0;
  std::vector<GgufOutputTensor> tensors_;
};

}  // namespace reckon::policy
