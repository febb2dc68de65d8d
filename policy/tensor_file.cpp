#include "policy/tensor_file.h"

#include <fmt/ranges.h>

#include <cstring>

#include "core/error.h"

namespace reckon::policy {
namespace {

struct TypePair {
  TensorType file;
  at::ScalarType torch;
};

constexpr TypePair kTypes[] = {
    {TensorType::f64, at::kDouble},    {TensorType::f32, at::kFloat}, {TensorType::f16, at::kHalf},
    {TensorType::bf16, at::kBFloat16}, {TensorType::i64, at::kLong},  {TensorType::i32, at::kInt},
    {TensorType::i16, at::kShort},     {TensorType::i8, at::kChar},   {TensorType::u8, at::kByte},
    {TensorType::boolean, at::kBool},
};

}  // namespace

void save_tensors(const std::filesystem::path& path, const NamedTensors& tensors,
                  const std::map<std::string, std::string>& metadata) {
  std::vector<at::Tensor> held;  // contiguous copies live until the file is written
  std::vector<NamedTensor> named;
  for (const auto& [name, tensor] : tensors) {
    held.push_back(tensor.detach().to(at::kCPU).contiguous());
    const at::Tensor& data = held.back();
    const auto* type =
        std::find_if(std::begin(kTypes), std::end(kTypes),
                     [&](const TypePair& pair) { return pair.torch == data.scalar_type(); });
    check(type != std::end(kTypes), ErrorCode::unsupported,
          "expected a storable type, got {}, in {}", c10::toString(data.scalar_type()), name);
    named.push_back({name,
                     type->file,
                     data.sizes().vec(),
                     {static_cast<const std::byte*>(data.const_data_ptr()), data.nbytes()}});
  }
  write_safetensors(path, std::move(named), metadata);
}

at::Tensor read_tensor(const SafetensorsFile& file, const std::string& name) {
  return read_tensor(file.at(name));
}

at::Tensor read_tensor(const TensorView& view) {
  const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                  [&](const TypePair& pair) { return pair.file == view.type; });
  auto tensor = at::empty(view.shape, at::TensorOptions().dtype(type->torch));
  if (!view.bytes.empty()) std::memcpy(tensor.data_ptr(), view.bytes.data(), view.bytes.size());
  return tensor;
}

void check_tensor(const SafetensorsFile& file, const std::filesystem::path& path,
                  const std::string& name, at::IntArrayRef shape) {
  const TensorView* view = file.find(name);
  check(view != nullptr, ErrorCode::corrupt, "expected the tensor {}, got none, in {}", name,
        path.string());
  check(at::IntArrayRef(view->shape) == shape, ErrorCode::corrupt,
        "expected the shape [{}], got [{}], in {}/{}", fmt::join(shape, ", "),
        fmt::join(view->shape, ", "), path.string(), name);
}

void read_tensor_into(const SafetensorsFile& file, const std::filesystem::path& path,
                      const std::string& name, at::Tensor target) {
  check_tensor(file, path, name, target.sizes());
  const at::NoGradGuard no_grad;
  target.copy_(read_tensor(file, name));
}

}  // namespace reckon::policy
