#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace reckon {

class MappedFile;

/// The element types of a tensor file that the project reads and writes.
enum class TensorType { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };

/// The name of `type` in a safetensors header, for example "F32". Thread-safe.
std::string_view tensor_type_name(TensorType type);

/// Bytes of one element. Thread-safe.
std::size_t tensor_type_size(TensorType type);

/// The type called `name` in a safetensors header, or none. Thread-safe.
std::optional<TensorType> parse_tensor_type(std::string_view name);

/// One tensor inside a file that somebody else owns. `bytes` is row-major, little-endian, and may
/// lie at any address: files made by others need not be aligned.
struct TensorView {
  TensorType type = TensorType::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
};

/// A safetensors file, checked completely when it is opened: each tensor's type, shape and place
/// are known to be good, and the tensors cover the data part without overlap or hole. Views stay
/// valid as long as this object or a copy of it lives (copies share the mapping). Reading is
/// thread-safe. A file must not be cut short by others while it is open: the mapping would end in
/// SIGBUS.
class SafetensorsFile {
 public:
  /// Maps and checks the file at `path`. Throws Error(not_found), Error(io), Error(corrupt) for
  /// anything malformed, and Error(unsupported) for element types that exist but are not in
  /// `TensorType`. Corrupt-file messages name the file, the tensor and the numbers.
  static SafetensorsFile open(const std::filesystem::path& path);

  /// The same for bytes in memory, which must outlive the result; `name` stands for the file in
  /// messages.
  static SafetensorsFile parse(std::span<const std::byte> bytes, const std::string& name);

  /// Names of the tensors in the order in which their data lie in the file.
  const std::vector<std::string>& names() const { return names_; }

  /// The tensor called `name`; Error(not_found) names the file if there is none.
  const TensorView& at(const std::string& name) const;

  /// The tensor called `name`, or null. Valid as long as this object.
  const TensorView* find(const std::string& name) const;

  /// The texts under `__metadata__`; empty if the file has none.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

 private:
  SafetensorsFile() = default;

  std::shared_ptr<const MappedFile> mapping_;
  std::string file_name_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, TensorView> tensors_;
  std::map<std::string, std::string> metadata_;
};

/// A tensor to be written. `bytes` is row-major and little-endian and must hold exactly
/// product(shape) elements of `type`.
struct NamedTensor {
  std::string name;
  TensorType type = TensorType::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
};

/// Writes a safetensors file at `path`, replacing what is there only once everything is on the
/// disk: the data go to a temporary file beside it, which is synchronised and renamed. The order is
/// that of the Python library (widest type first, then name), and equal input gives equal bytes.
/// Throws Error(invalid_argument) for a bad tensor (size, shape, name twice, name not UTF-8) before
/// anything is written, and Error(io) with the system's reason when the disk fails or is full; no
/// partial file is left. Two writers of one path at a time are not supported.
void write_safetensors(const std::filesystem::path& path, std::vector<NamedTensor> tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace reckon
