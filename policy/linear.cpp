#include "policy/linear.h"

#include <ATen/Dispatch.h>

namespace reckon::policy {

void Linear::repack(bool backward) {
  if (!weight.is_cpu()) return;
  AT_DISPATCH_FLOATING_TYPES(weight.scalar_type(), "repack", [&] {
    if (!std::holds_alternative<Packs<scalar_t>>(packs_)) packs_ = Packs<scalar_t>{};
    auto& packs = std::get<Packs<scalar_t>>(packs_);
    const auto* data = weight.const_data_ptr<scalar_t>();
    packs.forward.pack(data, outputs(), inputs());
    if (backward) packs.backward.pack_transposed(data, outputs(), inputs());
  });
}

template <class T>
const kernels::PackedMatrix<T>& Linear::forward_pack() const {
  return std::get<Packs<T>>(packs_).forward;
}

template <class T>
const kernels::PackedMatrix<T>& Linear::backward_pack() const {
  return std::get<Packs<T>>(packs_).backward;
}

template const kernels::PackedMatrix<float>& Linear::forward_pack() const;
template const kernels::PackedMatrix<double>& Linear::forward_pack() const;
template const kernels::PackedMatrix<float>& Linear::backward_pack() const;
template const kernels::PackedMatrix<double>& Linear::backward_pack() const;

}  // namespace reckon::policy
