#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "policy/tensor_file.h"

namespace reckon::policy {

class Transformer;

/// A low-rank adapter (LoRA, 2106.09685) in PEFT's vocabulary.
struct LoraConfig {
  int64_t rank = 16;
  double alpha = 32.0;  ///< the change of a weight is alpha / rank · B A
  /// Projections by their names in Hugging Face files; "all-linear" stands for all seven.
  std::vector<std::string> target_modules = {"q_proj", "v_proj"};
  std::string base_model;  ///< folder or file of the frozen weights, written beside the adapter

  double scale() const { return alpha / static_cast<double>(rank); }
};

/// The projections that `target_modules` asks for, in the order of the layers' files, each once.
/// Throws Error(invalid_argument) for none or an unknown one; `place` names the key in messages.
std::vector<std::string> lora_modules(const std::vector<std::string>& target_modules,
                                      const std::string& place);

/// The matrices of a model's adapter by PEFT's names, as views.
NamedTensors adapter_tensors(const Transformer& model);

/// A model's weights by their Hugging Face names with its adapter, if any, added: views, and copies
/// where there is something to add.
NamedTensors merged_tensors(const Transformer& model);

/// Writes `adapter_config.json` and `adapter_model.safetensors` as PEFT lays them out. The model
/// must have an adapter, the folder must exist. Throws `io`.
void save_adapter(const Transformer& model, const std::filesystem::path& folder);

/// Reads the matrices of an adapter of the same shape into the model's and repacks. Throws
/// `not_found` or `corrupt`.
void load_adapter(const std::filesystem::path& folder, Transformer& model);

/// Whether the folder is an adapter's.
bool is_adapter_folder(const std::filesystem::path& folder);

/// Reads `adapter_config.json`. Throws `corrupt`, or `unsupported` for variants of LoRA (DoRA,
/// rank-stabilised scales, trained biases, ranks by pattern), which are never ignored.
LoraConfig read_adapter_config(const std::filesystem::path& folder);

}  // namespace reckon::policy
