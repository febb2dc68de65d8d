#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace reckon::policy {

/// The types of metadata values, with the numbers they have in a file.
enum class GgufType : std::uint32_t {
  u8 = 0,
  i8 = 1,
  u16 = 2,
  i16 = 3,
  u32 = 4,
  i32 = 5,
  f32 = 6,
  boolean = 7,
  string = 8,
  array = 9,
  u64 = 10,
  i64 = 11,
  f64 = 12
};

struct GgufArray;

/// One metadata value. Integers are widened, and texts are views into the file, which must outlive
/// the value.
using GgufValue =
    std::variant<std::uint64_t, std::int64_t, double, bool, std::string_view, GgufArray>;

/// A list. Texts are views into the file and numbers stay where they lie, so that the list of all
/// tokens of a large vocabulary is cheap.
struct GgufArray {
  GgufType item_type = GgufType::u8;
  std::size_t size = 0;
  std::vector<std::string_view> texts;  ///< item_type string
  std::vector<GgufValue> arrays;        ///< item_type array
  std::span<const std::byte> numbers;   ///< all other types, little-endian, at any address

  /// Number or boolean `index` (< size) of a list of these, else an unsigned 0.
  GgufValue number(std::size_t index) const;
};

}  // namespace reckon::policy
