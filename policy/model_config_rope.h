#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "policy/model_config.h"
#include "policy/model_config_members.h"

namespace reckon::policy {

/// Reads `rope_theta` and `rope_scaling`, or the newer `rope_parameters` that holds both, into
/// `config`, whose `max_position_embeddings` must be set. Throws Error(unsupported) for a kind or a
/// key that this program does not know, Error(corrupt) for wrong values.
void read_rope(const ConfigMembers& members, ModelConfig& config);

/// The value of `rope_scaling` in a config.json; null for no scaling.
nlohmann::json write_rope_scaling(const RopeScaling& scaling);

/// Angle per position of each of the head_dim/2 rotary pairs: θ^(-2i/D), changed by `scaling`
/// (linear position interpolation 2306.15595; Llama 3.1's bands of wavelengths; YaRN 2309.00071,
/// section 3).
std::vector<double> rope_frequencies(int64_t head_dim, double theta, const RopeScaling& scaling);

}  // namespace reckon::policy
