#include "policy/gguf/k_blocks.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "policy/gguf/quants.h"

namespace reckon::policy {
namespace {

constexpr int kGroup = 32;  // bytes of packed numbers that belong together

float load_half(const std::byte* at) {
  std::uint16_t bits;
  std::memcpy(&bits, at, sizeof bits);
  return float_from_half(bits);
}

int byte_at(const std::byte* at, int i) { return std::to_integer<int>(at[i]); }

struct ScaleMin {
  int scale;
  int least;
};

// Pair j (of 8) of the 6-bit scales and minima in 12 bytes: four of each in the low six bits of
// the first eight bytes; the others have their low four bits in the last four bytes and their high
// two above those of the first.
ScaleMin scale_min(const std::byte* packed, int j) {
  if (j < 4) return {byte_at(packed, j) & 0x3F, byte_at(packed, j + 4) & 0x3F};
  const int low = byte_at(packed, j + 4);
  return {(low & 0x0F) | (byte_at(packed, j - 4) >> 2 & 0x30),
          low >> 4 | (byte_at(packed, j) >> 2 & 0x30)};
}

}  // namespace

// 16 bytes of (4-bit scale, 4-bit minimum), 64 of 2-bit numbers, scale, scale of the minima.
void dequantize_q2_k(const std::byte* block, float* values) {
  const std::byte* packed = block + 16;
  const float scale = load_half(block + 80);
  const float least = load_half(block + 82);
  for (int part = 0; part < 16; ++part) {  // 16 values each
    const int pair = byte_at(block, part);
    const float d = scale * static_cast<float>(pair & 0x0F);
    const float m = least * static_cast<float>(pair >> 4);
    const std::byte* from = packed + part / 8 * kGroup + part % 2 * 16;
    const int shift = part / 2 % 4 * 2;
    for (int i = 0; i < 16; ++i) {
      values[part * 16 + i] = d * static_cast<float>(byte_at(from, i) >> shift & 3) - m;
    }
  }
}

// 32 bytes of third bits (1: nothing is subtracted), 64 of low bits, 12 of 6-bit scales, scale.
void dequantize_q3_k(const std::byte* block, float* values) {
  const std::byte* packed = block + 32;
  const std::byte* scales = block + 96;
  const float scale = load_half(block + 108);
  for (int part = 0; part < 16; ++part) {
    const int low = byte_at(scales, part % 8) >> part / 8 * 4 & 0x0F;
    const int high = byte_at(scales, 8 + part % 4) >> part / 4 * 2 & 3;
    const float d = scale * static_cast<float>((low | high << 4) - 32);
    const int half = part % 2 * 16;
    const std::byte* from = packed + part / 8 * kGroup + half;
    const int shift = part / 2 % 4 * 2;
    for (int i = 0; i < 16; ++i) {
      const int third = byte_at(block, half + i) >> part / 2 & 1;
      const int number = (byte_at(from, i) >> shift & 3) - (third == 1 ? 0 : 4);
      values[part * 16 + i] = d * static_cast<float>(number);
    }
  }
}

// Scale, scale of the minima, 12 bytes of 6-bit scales and minima, 128 of 4-bit numbers.
void dequantize_q4_k(const std::byte* block, float* values) {
  const float scale = load_half(block);
  const float least = load_half(block + 2);
  for (int part = 0; part < 8; ++part) {  // 32 values each
    const ScaleMin pair = scale_min(block + 4, part);
    const float d = scale * static_cast<float>(pair.scale);
    const float m = least * static_cast<float>(pair.least);
    const std::byte* from = block + 16 + part / 2 * kGroup;
    const int shift = part % 2 * 4;
    for (int i = 0; i < kGroup; ++i) {
      values[part * kGroup + i] = d * static_cast<float>(byte_at(from, i) >> shift & 0x0F) - m;
    }
  }
}

// As above with 32 bytes of fifth bits before the 4-bit numbers.
void dequantize_q5_k(const std::byte* block, float* values) {
  const float scale = load_half(block);
  const float least = load_half(block + 2);
  for (int part = 0; part < 8; ++part) {
    const ScaleMin pair = scale_min(block + 4, part);
    const float d = scale * static_cast<float>(pair.scale);
    const float m = least * static_cast<float>(pair.least);
    const std::byte* from = block + 48 + part / 2 * kGroup;
    const int shift = part % 2 * 4;
    for (int i = 0; i < kGroup; ++i) {
      const int fifth = byte_at(block + 16, i) >> part & 1;
      const int number = (byte_at(from, i) >> shift & 0x0F) | fifth << 4;
      values[part * kGroup + i] = d * static_cast<float>(number) - m;
    }
  }
}

// 128 bytes of low four bits, 64 of high two bits, 16 signed scales, scale.
void dequantize_q6_k(const std::byte* block, float* values) {
  const float scale = load_half(block + 208);
  std::array<float, 16> scales;
  for (std::size_t i = 0; i < scales.size(); ++i) {
    scales[i] = scale * static_cast<float>(std::to_integer<std::int8_t>(block[192 + i]));
  }
  for (int part = 0; part < 8; ++part) {  // 32 values each
    const std::byte* low = block + part / 4 * 64 + part % 2 * kGroup;
    const std::byte* high = block + 128 + part / 4 * kGroup;
    const int low_shift = part / 2 % 2 * 4;
    const int high_shift = part % 4 * 2;
    for (int i = 0; i < kGroup; ++i) {
      const int number =
          (byte_at(low, i) >> low_shift & 0x0F) | (byte_at(high, i) >> high_shift & 3) << 4;
      values[part * kGroup + i] =
          scales[static_cast<std::size_t>(part * 2 + i / 16)] * static_cast<float>(number - 32);
    }
  }
}

}  // namespace reckon::policy
