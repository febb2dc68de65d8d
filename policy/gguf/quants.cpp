#include "policy/gguf/quants.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "policy/gguf/k_blocks.h"

namespace reckon::policy {
namespace {

constexpr int kBlock = 32;  // values of a block that is not of the "K" layouts

std::uint16_t load_u16(const std::byte* at) {
  std::uint16_t bits;
  std::memcpy(&bits, at, sizeof bits);
  return bits;
}

float load_half(const std::byte* at) { return float_from_half(load_u16(at)); }

// Number i of a block whose bytes hold value i in the low and value i + 16 in the high half.
void unpack_nibbles(const std::byte* packed, std::uint8_t* numbers) {
  for (int i = 0; i < kBlock / 2; ++i) {
    const auto byte = std::to_integer<std::uint8_t>(packed[i]);
    numbers[i] = byte & 0x0F;
    numbers[i + kBlock / 2] = byte >> 4;
  }
}

// The same with a fifth bit for each number from the 32 bits at `high`.
void unpack_five_bits(const std::byte* high, const std::byte* packed, std::uint8_t* numbers) {
  std::uint32_t bits;
  std::memcpy(&bits, high, sizeof bits);
  unpack_nibbles(packed, numbers);
  for (int i = 0; i < kBlock; ++i) {
    numbers[i] = static_cast<std::uint8_t>(numbers[i] | (bits >> i & 1) << 4);
  }
}

void dequantize_q4_0(const std::byte* block, float* values) {
  const float scale = load_half(block);
  std::uint8_t numbers[kBlock];
  unpack_nibbles(block + 2, numbers);
  for (int i = 0; i < kBlock; ++i) values[i] = scale * static_cast<float>(numbers[i] - 8);
}

void dequantize_q4_1(const std::byte* block, float* values) {
  const float scale = load_half(block);
  const float least = load_half(block + 2);
  std::uint8_t numbers[kBlock];
  unpack_nibbles(block + 4, numbers);
  for (int i = 0; i < kBlock; ++i) values[i] = scale * static_cast<float>(numbers[i]) + least;
}

void dequantize_q5_0(const std::byte* block, float* values) {
  const float scale = load_half(block);
  std::uint8_t numbers[kBlock];
  unpack_five_bits(block + 2, block + 6, numbers);
  for (int i = 0; i < kBlock; ++i) values[i] = scale * static_cast<float>(numbers[i] - 16);
}

void dequantize_q5_1(const std::byte* block, float* values) {
  const float scale = load_half(block);
  const float least = load_half(block + 2);
  std::uint8_t numbers[kBlock];
  unpack_five_bits(block + 4, block + 8, numbers);
  for (int i = 0; i < kBlock; ++i) values[i] = scale * static_cast<float>(numbers[i]) + least;
}

void dequantize_q8_0(const std::byte* block, float* values) {
  const float scale = load_half(block);
  for (int i = 0; i < kBlock; ++i) {
    values[i] = static_cast<float>(std::to_integer<std::int8_t>(block[2 + i])) * scale;
  }
}

void quantize_q8_0(const float* values, std::byte* block) {
  float largest = 0;
  for (int i = 0; i < kBlock; ++i) largest = std::max(largest, std::abs(values[i]));
  const float scale = largest / 127.0f;
  const float inverse = scale == 0 ? 0 : 1.0f / scale;
  const std::uint16_t bits = half_from_float(scale);
  std::memcpy(block, &bits, sizeof bits);
  for (int i = 0; i < kBlock; ++i) {
    // Held within the type, which only values that are not finite can leave.
    const float rounded = std::round(values[i] * inverse);
    const float held = rounded >= -127.0f && rounded <= 127.0f ? rounded : 0.0f;
    block[2 + i] = static_cast<std::byte>(static_cast<std::int8_t>(held));
  }
}

// One decoder over all blocks; a template so that the decoder is inlined.
template <void (*Decode)(const std::byte*, float*)>
void decode_blocks(const GgmlTypeInfo& info, std::span<const std::byte> bytes, float* values) {
  const std::size_t blocks = bytes.size() / info.block_bytes;
  for (std::size_t i = 0; i < blocks; ++i) {
    Decode(bytes.data() + i * info.block_bytes, values + i * info.block_values);
  }
}

void check_sizes(const GgmlTypeInfo& info, std::size_t values, std::size_t bytes) {
  check(values % info.block_values == 0 && values / info.block_values * info.block_bytes == bytes,
        ErrorCode::internal, "expected whole blocks of {} that hold {} values, got {} bytes",
        info.name, values, bytes);
}

}  // namespace

float float_from_half(std::uint16_t bits) {
  const std::uint32_t sign = std::uint32_t{bits & 0x8000u} << 16;
  const std::uint32_t exponent = bits >> 10 & 0x1F;
  const std::uint32_t fraction = bits & 0x3FF;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
  }
  const std::uint32_t wide = exponent == 0x1F ? 0xFF : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

std::uint16_t half_from_float(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
  const std::uint32_t magnitude = bits & 0x7FFFFFFF;
  if (magnitude > 0x7F800000) {  // not a number: keep it one
    const std::uint32_t fraction = magnitude >> 13 & 0x3FF;
    return static_cast<std::uint16_t>(sign | 0x7C00 | (fraction == 0 ? 1 : fraction));
  }
  if (magnitude >= 0x47800000) return static_cast<std::uint16_t>(sign | 0x7C00);  // 2^16 and more
  if (magnitude < 0x38800000) {
    // Below 2^-14 steps are 2^-24: adding 0.5, whose steps are the same, rounds to them.
    const float sum = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(sum) - 0x3F000000));
  }
  const std::uint32_t odd = magnitude >> 13 & 1;
  return static_cast<std::uint16_t>(sign | (magnitude - 0x38000000 + 0xFFF + odd) >> 13);
}

std::uint16_t bfloat16_from_float(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFF) > 0x7F800000) return static_cast<std::uint16_t>(bits >> 16 | 0x40);
  return static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

void dequantize(GgmlType type, std::span<const std::byte> bytes, std::span<float> values) {
  const GgmlTypeInfo& info = ggml_type_info(type);
  check_sizes(info, values.size(), bytes.size());
  float* out = values.data();
  switch (type) {
    case GgmlType::f32:
      if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
      return;
    case GgmlType::f16:
      for (std::size_t i = 0; i < values.size(); ++i) out[i] = load_half(bytes.data() + 2 * i);
      return;
    case GgmlType::bf16:
      for (std::size_t i = 0; i < values.size(); ++i) {
        out[i] = std::bit_cast<float>(std::uint32_t{load_u16(bytes.data() + 2 * i)} << 16);
      }
      return;
    case GgmlType::q4_0:
      return decode_blocks<dequantize_q4_0>(info, bytes, out);
    case GgmlType::q4_1:
      return decode_blocks<dequantize_q4_1>(info, bytes, out);
    case GgmlType::q5_0:
      return decode_blocks<dequantize_q5_0>(info, bytes, out);
    case GgmlType::q5_1:
      return decode_blocks<dequantize_q5_1>(info, bytes, out);
    case GgmlType::q8_0:
      return decode_blocks<dequantize_q8_0>(info, bytes, out);
    case GgmlType::q2_k:
      return decode_blocks<dequantize_q2_k>(info, bytes, out);
    case GgmlType::q3_k:
      return decode_blocks<dequantize_q3_k>(info, bytes, out);
    case GgmlType::q4_k:
      return decode_blocks<dequantize_q4_k>(info, bytes, out);
    case GgmlType::q5_k:
      return decode_blocks<dequantize_q5_k>(info, bytes, out);
    case GgmlType::q6_k:
      return decode_blocks<dequantize_q6_k>(info, bytes, out);
  }
}

void quantize(GgmlType type, std::span<const float> values, std::span<std::byte> bytes) {
  const GgmlTypeInfo& info = ggml_type_info(type);
  check_sizes(info, values.size(), bytes.size());
  std::byte* out = bytes.data();
  if (type == GgmlType::f32) {
    if (!values.empty()) std::memcpy(out, values.data(), bytes.size());
  } else if (type == GgmlType::f16 || type == GgmlType::bf16) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::uint16_t bits =
          type == GgmlType::f16 ? half_from_float(values[i]) : bfloat16_from_float(values[i]);
      std::memcpy(out + 2 * i, &bits, sizeof bits);
    }
  } else if (type == GgmlType::q8_0) {
    for (std::size_t i = 0; i < values.size() / kBlock; ++i) {
      quantize_q8_0(values.data() + i * kBlock, out + i * info.block_bytes);
    }
  } else {
    fail(ErrorCode::unsupported, "expected F32, F16, BF16 or Q8_0 to write, got {}", info.name);
  }
}

}  // namespace reckon::policy
