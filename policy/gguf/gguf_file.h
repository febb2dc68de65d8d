#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/gguf/ggml_type.h"
#include "policy/gguf/gguf_value.h"

namespace reckon {
class MappedFile;
}

namespace reckon::policy {

/// One tensor inside a file that somebody else owns. `shape` is row-major (the last size varies
/// fastest; the file lists sizes the other way round), and a row is whole blocks of `type`. `bytes`
/// may lie at any address.
struct GgufTensor {
  GgmlType type = GgmlType::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;

  /// Number of values.
  std::int64_t size() const;
};

/// A GGUF file (little-endian, version 2 or 3), checked completely when it is opened: counts,
/// lengths, types, UTF-8, and each tensor's place, which is aligned, within the file and shared
/// with no other. Views stay valid as long as this object or a copy of it lives (copies share the
/// mapping). Reading is thread-safe. A file must not be cut short by others while it is open: the
/// mapping would end in SIGBUS.
class GgufFile {
 public:
  /// Maps and checks the file at `path`. Throws Error(not_found), Error(io), Error(corrupt) for
  /// anything malformed, and Error(unsupported) for versions, byte orders and tensor types that
  /// exist but are not read. Messages name the file, the key or tensor and the numbers.
  static GgufFile open(const std::filesystem::path& path);

  /// The same for bytes in memory, which must outlive the result; `name` stands for the file in
  /// messages.
  static GgufFile parse(std::span<const std::byte> bytes, const std::string& name);

  /// The metadata value of `key`, or null. Valid as long as this object.
  const GgufValue* find(std::string_view key) const;

  /// All keys in alphabetical order.
  const std::map<std::string_view, GgufValue>& metadata() const { return metadata_; }

  /// Names of the tensors in the order in which the file lists them.
  const std::vector<std::string>& names() const { return names_; }

  /// The tensor called `name`, or null. Valid as long as this object.
  const GgufTensor* find_tensor(std::string_view name) const;

  /// The path or the name that messages give the file.
  const std::string& file_name() const { return file_name_; }

 private:
  friend class GgufParser;
  GgufFile() = default;

  std::shared_ptr<const MappedFile> mapping_;
  std::string file_name_;
  std::map<std::string_view, GgufValue> metadata_;
  std::vector<std::string> names_;
  std::map<std::string, GgufTensor, std::less<>> tensors_;
};

/// Whether the file at `path` can be read and begins with GGUF's magic. Never throws.
bool is_gguf_file(const std::filesystem::path& path);

}  // namespace reckon::policy
