#pragma once

#include <array>
#include <filesystem>
#include <string>

#include "policy/pretrained.h"
#include "policy/tensor_file.h"

namespace reckon::tests {

/// The families that have golden values.
inline constexpr std::array<const char*, 3> kGoldenFamilies = {"llama", "qwen2", "qwen3"};

inline std::filesystem::path golden_folder(const std::string& family) {
  return "tests/golden/model_" + family + "_tiny";
}

/// The small random model of a family.
inline std::unique_ptr<policy::Transformer> golden_model(const std::string& family,
                                                         at::ScalarType type) {
  return policy::load_transformer(golden_folder(family), at::TensorOptions().dtype(type));
}

/// What independent programs computed for that model.
inline SafetensorsFile golden_values(const std::string& family) {
  return SafetensorsFile::open(golden_folder(family) / "logits.safetensors");
}

}  // namespace reckon::tests
