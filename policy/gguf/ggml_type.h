#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace reckon::policy {

/// The element types of GGUF tensors that the project reads, with the numbers they have in a file.
enum class GgmlType : std::uint32_t {
  f32 = 0,
  f16 = 1,
  q4_0 = 2,
  q4_1 = 3,
  q5_0 = 6,
  q5_1 = 7,
  q8_0 = 8,
  q2_k = 10,
  q3_k = 11,
  q4_k = 12,
  q5_k = 13,
  q6_k = 14,
  bf16 = 30
};

/// How a type lies in memory: rows are whole blocks of `block_values` values in `block_bytes`.
struct GgmlTypeInfo {
  GgmlType type;
  std::string_view name;  ///< as ggml prints it, for example "Q4_K"
  std::size_t block_values;
  std::size_t block_bytes;
};

/// The layout of `type`. Thread-safe.
const GgmlTypeInfo& ggml_type_info(GgmlType type);

/// The layout of the type with this number in a file, or none if the project does not read it.
const GgmlTypeInfo* find_ggml_type(std::uint32_t number);

/// The name of a type that exists but that the project does not read; empty for other numbers.
std::string_view other_ggml_type_name(std::uint32_t number);

}  // namespace reckon::policy
