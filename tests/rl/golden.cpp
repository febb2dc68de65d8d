#include "tests/rl/golden.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "policy/tensor_file.h"

namespace reckon::rl {

GoldenFile::GoldenFile(const std::string& name)
    : file_(SafetensorsFile::open("tests/golden/" + name)) {}

at::Tensor GoldenFile::tensor(const std::string& name) const {
  return policy::read_tensor(file_, name);
}

double GoldenFile::number(const std::string& name) const { return tensor(name).item<double>(); }

std::vector<int64_t> GoldenFile::integers(const std::string& name) const {
  const auto values = tensor(name).to(at::kLong).contiguous();
  const auto* data = values.const_data_ptr<int64_t>();
  return {data, data + values.numel()};
}

std::vector<double> GoldenFile::numbers(const std::string& name) const {
  const auto values = tensor(name).to(at::kDouble).contiguous();
  const auto* data = values.const_data_ptr<double>();
  return {data, data + values.numel()};
}

nlohmann::json GoldenFile::metadata(const std::string& key) const {
  return nlohmann::json::parse(file_.metadata().at(key));
}

double relative_error(const at::Tensor& got, const at::Tensor& expected) {
  check(got.sizes() == expected.sizes(), ErrorCode::internal,
        "expected {} values of the same shape, got {}", expected.numel(), got.numel());
  if (got.numel() == 0) return 0.0;
  const auto wanted = expected.to(at::kDouble);
  const double scale = wanted.abs().max().item<double>();
  const double worst = (got.to(at::kDouble) - wanted).abs().max().item<double>();
  return scale > 0.0 ? worst / scale : worst;
}

}  // namespace reckon::rl
