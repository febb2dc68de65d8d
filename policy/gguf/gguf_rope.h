#pragma once

#include <vector>

#include "policy/gguf/gguf_keys.h"
#include "policy/model_config.h"

namespace reckon::policy {

/// The tensor that holds what llama3 scaling divides each rotary frequency by.
inline constexpr const char* kRopeFactorsName = "rope_freqs.weight";

/// Reads the RoPE scaling of a file: keys `ARCH.rope.scaling.*` (linear, yarn), or the factors in
/// `rope_freqs.weight`, whose llama3 parameters are found by trying those in use; `config` must
/// hold head_dim, rope_theta and max_position_embeddings. Throws Error(unsupported) for other kinds
/// and for factors that no such parameters give.
RopeScaling read_gguf_rope(const GgufKeys& keys, const std::string& architecture,
                           const ModelConfig& config);

/// The values of `rope_freqs.weight` for a llama3 scaling: one factor per rotary pair.
std::vector<float> rope_factors(const ModelConfig& config, const RopeScaling& scaling);

/// What YaRN multiplies cosines and sines by unless a file says otherwise (2309.00071, equation
/// 22).
double default_yarn_attention_factor(double factor);

}  // namespace reckon::policy
