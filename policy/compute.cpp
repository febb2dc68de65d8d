#include "policy/compute.h"

#include <ATen/Context.h>

#include "core/error.h"

namespace reckon::policy {
namespace {

bool is_cuda_name(const std::string& text) {
  if (text == "cuda") return true;
  return text.starts_with("cuda:") && text.size() > 5 && text.size() < 9 &&
         text.find_first_not_of("0123456789", 5) == std::string::npos;
}

at::Device parse_device(const std::string& text, const std::string& place) {
  if (text == "cpu") return at::kCPU;
  if (text == "auto") return at::hasCUDA() ? at::Device(at::kCUDA) : at::Device(at::kCPU);
  check(is_cuda_name(text), ErrorCode::invalid_argument,
        "expected auto, cpu, cuda or cuda:N, got \"{}\", in {}device", text, place);
  check(at::hasCUDA(), ErrorCode::unsupported,
        "expected a build and a machine with CUDA for \"{}\", got neither, in {}device: use cpu",
        text, place);
  const at::Device device(text);
  const int64_t count = at::detail::getCUDAHooks().deviceCount();
  check(!device.has_index() || device.index() < count, ErrorCode::invalid_argument,
        "expected one of {} CUDA devices, counted from 0, got \"{}\", in {}device", count, text,
        place);
  return device;
}

}  // namespace

Compute parse_compute(const std::string& device, const std::string& dtype,
                      const std::string& place) {
  check(dtype == "float32" || dtype == "bfloat16", ErrorCode::invalid_argument,
        "expected float32 or bfloat16, got \"{}\", in {}dtype", dtype, place);
  return {parse_device(device, place),
          dtype == "bfloat16" ? kernels::Storage::bfloat16 : kernels::Storage::full};
}

}  // namespace reckon::policy
