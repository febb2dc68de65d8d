#include "policy/linear.h"

#include <ATen/Dispatch.h>

namespace reckon::policy {

void Linear::repack() {
  if (!weight.is_cpu()) return;
  const auto merged = merged_weight();
  AT_DISPATCH_FLOATING_TYPES(merged.scalar_type(), "repack", [&] {
    using Packed = kernels::PackedMatrix<scalar_t>;
    if (!std::holds_alternative<Packed>(packed_)) packed_ = Packed();
    std::get<Packed>(packed_).pack(merged.const_data_ptr<scalar_t>(), outputs(), inputs(), storage);
  });
}

at::Tensor Linear::merged_weight() const {
  if (adapters.empty()) return weight;
  const at::NoGradGuard no_grad;
  auto merged = weight.detach().clone();
  for (const LowRankPart& part : adapters) {
    merged.narrow(0, part.first_row, part.b.size(0)).addmm_(part.b, part.a, 1.0, adapter_scale);
  }
  return merged;
}

template <class T>
const kernels::PackedMatrix<T>& Linear::packed() const {
  return std::get<kernels::PackedMatrix<T>>(packed_);
}

template const kernels::PackedMatrix<float>& Linear::packed() const;
template const kernels::PackedMatrix<double>& Linear::packed() const;

}  // namespace reckon::policy
