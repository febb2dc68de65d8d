#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "policy/gguf/ggml_type.h"

namespace reckon::policy {

/// The value of an IEEE half-precision number. Thread-safe, as are all functions of this header.
float float_from_half(std::uint16_t bits);

/// The half-precision number nearest to `value`, ties to even; too large ones become infinite.
std::uint16_t half_from_float(float value);

/// The bfloat16 number nearest to `value`, ties to even; not-a-number stays so.
std::uint16_t bfloat16_from_float(float value);

/// Decodes whole blocks of `type` into `values`, with the float32 operations of the `gguf` package,
/// so that the bits are the same. `bytes` may lie at any address. Throws Error(internal) unless it
/// holds exactly values.size() values.
void dequantize(GgmlType type, std::span<const std::byte> bytes, std::span<float> values);

/// Encodes whole blocks: F32, F16, BF16 and Q8_0 (a scale of amax / 127 in half precision and 32
/// whole numbers, halves rounded away from zero, as ggml does). Throws Error(internal) unless
/// `bytes` has the size of values.size() values, and Error(unsupported) for other types.
void quantize(GgmlType type, std::span<const float> values, std::span<std::byte> bytes);

}  // namespace reckon::policy
