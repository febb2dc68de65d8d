#pragma once

#include <cstddef>

namespace reckon::policy {

/// Decoders of one block of 256 values in the "K" layouts; see `dequantize`. Thread-safe.
void dequantize_q2_k(const std::byte* block, float* values);
void dequantize_q3_k(const std::byte* block, float* values);
void dequantize_q4_k(const std::byte* block, float* values);
void dequantize_q5_k(const std::byte* block, float* values);
void dequantize_q6_k(const std::byte* block, float* values);

}  // namespace reckon::policy
