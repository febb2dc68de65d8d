#pragma once

#include <ATen/cpu/vec/vec.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace reckon::policy::kernels {

/// One SIMD register of T (float or double) on this machine.
template <class T>
using Vec = at::vec::Vectorized<T>;

template <class T>
inline constexpr int64_t kLanes = Vec<T>::size();

/// `count` rounded up to whole registers.
template <class T>
constexpr int64_t padded(int64_t count) {
  return (count + kLanes<T> - 1) / kLanes<T> * kLanes<T>;
}

/// The compiler's own vector type: unlike arrays of at::vec::Vectorized, arrays of it stay in
/// registers. Products and sums of it are contracted to fused multiply-adds (-ffp-contract=fast).
template <class T>
using Register [[gnu::vector_size(kLanes<T> * sizeof(T))]] = T;

/// A whole register from unaligned memory.
template <class T>
inline Register<T> load_register(const T* source) {
  Register<T> value;
  std::memcpy(&value, source, sizeof(value));
  return value;
}

/// The first `count` lanes (0 to all); the others are zero.
template <class T>
inline Register<T> load_register(const T* source, int64_t count) {
  if (count == kLanes<T>) return load_register<T>(source);
  Register<T> value = {};
  if (count > 0) {
    const auto partial = Vec<T>::loadu(source, count);
    std::memcpy(&value, &partial, sizeof(value));
  }
  return value;
}

/// The same lanes as an at::vec::Vectorized.
template <class T>
inline Vec<T> to_vec(Register<T> value) {
  return Vec<T>::loadu(&value);
}

/// Sum of the lanes in one fixed order, so that a row's result never depends on its neighbours.
template <class T>
inline T sum_lanes(Vec<T> value) {
  std::array<T, kLanes<T>> lanes;
  value.store(lanes.data());
  for (int64_t width = kLanes<T> / 2; width > 0; width /= 2) {
    for (int64_t i = 0; i < width; ++i) lanes[i] += lanes[i + width];
  }
  return lanes[0];
}

/// Largest lane.
template <class T>
inline T max_lane(Vec<T> value) {
  std::array<T, kLanes<T>> lanes;
  value.store(lanes.data());
  T best = lanes[0];
  for (T lane : lanes) best = lane > best ? lane : best;
  return best;
}

}  // namespace reckon::policy::kernels
