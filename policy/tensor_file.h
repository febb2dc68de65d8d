#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/safetensors.h"

namespace reckon::policy {

/// Tensors by name, as they are written to a file.
using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// Writes tensors of any device and layout to a safetensors file (through a temporary name).
void save_tensors(const std::filesystem::path& path, const NamedTensors& tensors,
                  const std::map<std::string, std::string>& metadata = {});

/// A copy of a tensor, on the CPU in the type it is stored in.
at::Tensor read_tensor(const TensorView& view);

/// The same for the tensor `name` of a file.
at::Tensor read_tensor(const SafetensorsFile& file, const std::string& name);

/// Throws `corrupt` unless the file holds the tensor `name` in this shape; `path` names the file in
/// the message.
void check_tensor(const SafetensorsFile& file, const std::filesystem::path& path,
                  const std::string& name, at::IntArrayRef shape);

/// Copies the file's tensor `name` into `target`, converting the type. Throws like
/// `check_tensor`.
void read_tensor_into(const SafetensorsFile& file, const std::filesystem::path& path,
                      const std::string& name, at::Tensor target);

}  // namespace reckon::policy
