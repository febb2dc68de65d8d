#pragma once

#include <ATen/core/Tensor.h>

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/safetensors.h"

namespace reckon::rl {

/// A file of golden values (tests/golden/README.md).
class GoldenFile {
 public:
  /// Opens tests/golden/`name`.
  explicit GoldenFile(const std::string& name);

  /// A tensor in the type it is stored in.
  at::Tensor tensor(const std::string& name) const;
  double number(const std::string& name) const;
  std::vector<int64_t> integers(const std::string& name) const;
  std::vector<double> numbers(const std::string& name) const;
  bool has(const std::string& name) const { return file_.find(name) != nullptr; }

  /// The JSON text under a key of the metadata.
  nlohmann::json metadata(const std::string& key) const;

 private:
  SafetensorsFile file_;
};

/// Largest difference over the largest value of `expected`; where all of that is zero, the largest
/// value of `got`. Shapes must agree.
double relative_error(const at::Tensor& got, const at::Tensor& expected);

}  // namespace reckon::rl
