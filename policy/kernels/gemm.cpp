#include "policy/kernels/gemm.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#include "policy/kernels/vec.h"

namespace reckon::policy::kernels {
namespace {

// A tile of kTileRows × 2 registers keeps its accumulators in registers: 24 + 3 of 32 with AVX-512,
// 12 + 3 of 16 with AVX2.
#if defined(CPU_CAPABILITY_AVX512)
constexpr int64_t kTileRows = 12;
#else
constexpr int64_t kTileRows = 6;
#endif
constexpr int64_t kRowBlock = 240;  // rows that stay in cache while the panels pass
constexpr int64_t kPanelGroup = 4;  // panels that a thread takes at a time

template <class T>
constexpr int64_t kPanelWidth = 2 * kLanes<T>;

template <class T>
void store_pair(T* y, Register<T> low_register, Register<T> high_register, int64_t columns,
                Store store) {
  Vec<T> low = to_vec<T>(low_register), high = to_vec<T>(high_register);
  constexpr int64_t lanes = kLanes<T>;
  if (columns == 2 * lanes) {
    if (store == Store::add) {
      low = low + Vec<T>::loadu(y);
      high = high + Vec<T>::loadu(y + lanes);
    }
    low.store(y);
    high.store(y + lanes);
    return;
  }
  const int64_t first = std::min(columns, lanes);
  const int64_t second = columns - first;
  if (store == Store::add) low = low + Vec<T>::loadu(y, first);
  low.store(y, first);
  if (second == 0) return;
  if (store == Store::add) high = high + Vec<T>::loadu(y + lanes, second);
  high.store(y + lanes, second);
}

// The two registers of weights at depth k of a panel.
template <class T>
struct FullPanel {
  const T* data;
  Register<T> low(int64_t k) const { return load_register<T>(data + k * kPanelWidth<T>); }
  Register<T> high(int64_t k) const {
    return load_register<T>(data + k * kPanelWidth<T> + kLanes<T>);
  }
};

// A bfloat16 is the upper half of a float: words widen by a shift or a mask.
struct HalfPanel {
  using Words [[gnu::vector_size(kLanes<float> * sizeof(float))]] = uint32_t;
  const uint32_t* data;

  Words words(int64_t k) const {
    Words value;
    std::memcpy(&value, data + k * kLanes<float>, sizeof(value));
    return value;
  }
  Register<float> low(int64_t k) const { return std::bit_cast<Register<float>>(words(k) << 16); }
  Register<float> high(int64_t k) const {
    return std::bit_cast<Register<float>>(words(k) & 0xffff0000u);
  }
};

template <class T, int64_t Rows, class Panel>
void row_tile(const T* x, int64_t x_stride, Panel panel, int64_t inputs, T* y, int64_t y_stride,
              int64_t columns, Store store) {
  Register<T> low[Rows] = {}, high[Rows] = {};
  for (int64_t k = 0; k < inputs; ++k) {
    const Register<T> w_low = panel.low(k);
    const Register<T> w_high = panel.high(k);
#pragma GCC unroll 12
    for (int64_t r = 0; r < Rows; ++r) {
      const T value = x[r * x_stride + k];
      low[r] += value * w_low;
      high[r] += value * w_high;
    }
  }
#pragma GCC unroll 12
  for (int64_t r = 0; r < Rows; ++r) {
    store_pair<T>(y + r * y_stride, low[r], high[r], columns, store);
  }
}

template <class T, class Panel, int64_t Rows = kTileRows>
void row_tile_of(int64_t rows, const T* x, int64_t x_stride, Panel panel, int64_t inputs, T* y,
                 int64_t y_stride, int64_t columns, Store store) {
  if (rows == Rows) {
    row_tile<T, Rows>(x, x_stride, panel, inputs, y, y_stride, columns, store);
  } else if constexpr (Rows > 1) {
    row_tile_of<T, Panel, Rows - 1>(rows, x, x_stride, panel, inputs, y, y_stride, columns, store);
  }
}

// Rows [0, rows) of panels [first, last).
template <class T>
void multiply_panels(const T* x, int64_t x_stride, int64_t rows, const PackedMatrix<T>& packed,
                     int64_t first, int64_t last, T* y, int64_t y_stride, Store store) {
  for (int64_t p = first; p < last; ++p) {
    const int64_t column = p * kPanelWidth<T>;
    const int64_t columns = std::min(kPanelWidth<T>, packed.outputs() - column);
    const auto tiles = [&](auto panel) {
      for (int64_t r = 0; r < rows; r += kTileRows) {
        row_tile_of<T>(std::min(kTileRows, rows - r), x + r * x_stride, x_stride, panel,
                       packed.inputs(), y + r * y_stride + column, y_stride, columns, store);
      }
    };
    if constexpr (std::is_same_v<T, float>) {
      if (packed.storage() == Storage::bfloat16) {
        tiles(HalfPanel{packed.half_panel(p)});
        continue;
      }
    }
    tiles(FullPanel<T>{packed.panel(p)});
  }
}

// Bits of the nearest bfloat16, ties to even; NaN stays NaN.
uint32_t to_bfloat16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if (value != value) return (bits >> 16) | 0x40u;
  return (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
}

template <class T>
void pack_full(const T* w, int64_t columns, int64_t inputs, T* out) {
  if (columns < kPanelWidth<T>) std::fill_n(out, inputs * kPanelWidth<T>, T(0));
  for (int64_t c = 0; c < columns; ++c) {
    for (int64_t k = 0; k < inputs; ++k) out[k * kPanelWidth<T> + c] = w[c * inputs + k];
  }
}

void pack_half(const float* w, int64_t columns, int64_t inputs, uint32_t* out) {
  constexpr int64_t lanes = kLanes<float>;
  std::fill_n(out, inputs * lanes, 0u);
  for (int64_t c = 0; c < columns; ++c) {
    const int shift = c < lanes ? 0 : 16;
    for (int64_t k = 0; k < inputs; ++k) {
      out[k * lanes + c % lanes] |= to_bfloat16(w[c * inputs + k]) << shift;
    }
  }
}

}  // namespace

template <class T>
int64_t PackedMatrix<T>::panels() const {
  return (outputs_ + kPanelWidth<T> - 1) / kPanelWidth<T>;
}

template <class T>
const T* PackedMatrix<T>::panel(int64_t index) const {
  return data_.data() + index * inputs_ * kPanelWidth<T>;
}

template <class T>
const uint32_t* PackedMatrix<T>::half_panel(int64_t index) const {
  return halves_.data() + index * inputs_ * kLanes<float>;
}

template <class T>
void PackedMatrix<T>::pack(const T* w, int64_t outputs, int64_t inputs, Storage storage) {
  outputs_ = outputs;
  inputs_ = inputs;
  storage_ = storage;
  const bool half = storage == Storage::bfloat16;
  data_.resize(half ? 0 : static_cast<size_t>(panels() * inputs * kPanelWidth<T>));
  halves_.resize(half ? static_cast<size_t>(panels() * inputs * kLanes<float>) : 0);
  at::parallel_for(0, panels(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      const T* rows = w + p * kPanelWidth<T> * inputs;
      const int64_t columns = std::min(kPanelWidth<T>, outputs - p * kPanelWidth<T>);
      if constexpr (std::is_same_v<T, float>) {
        if (half) {
          pack_half(rows, columns, inputs, halves_.data() + p * inputs * kLanes<float>);
          continue;
        }
      }
      pack_full(rows, columns, inputs, data_.data() + p * inputs * kPanelWidth<T>);
    }
  });
}

template <class T>
void multiply_rows(const T* x, int64_t x_stride, int64_t rows, const PackedMatrix<T>& packed, T* y,
                   int64_t y_stride, Store store) {
  for (int64_t block = 0; block < rows; block += kRowBlock) {
    multiply_panels(x + block * x_stride, x_stride, std::min(kRowBlock, rows - block), packed, 0,
                    packed.panels(), y + block * y_stride, y_stride, store);
  }
}

template <class T>
void multiply(const T* x, int64_t x_stride, int64_t rows, const PackedMatrix<T>& packed, T* y,
              int64_t y_stride, Store store) {
  // Pieces of (row block, panel group), row block by row block: a thread's share is a run of them.
  const int64_t blocks = (rows + kRowBlock - 1) / kRowBlock;
  const int64_t groups = (packed.panels() + kPanelGroup - 1) / kPanelGroup;
  at::parallel_for(0, blocks * groups, 1, [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t block = begin / groups, group = begin % groups;
      const int64_t count = std::min(end - begin, groups - group);
      const int64_t row = block * kRowBlock;
      multiply_panels(x + row * x_stride, x_stride, std::min(kRowBlock, rows - row), packed,
                      group * kPanelGroup, std::min((group + count) * kPanelGroup, packed.panels()),
                      y + row * y_stride, y_stride, store);
      begin += count;
    }
  });
}

#define RECKON_INSTANTIATE(T)                                                                     \
  template class PackedMatrix<T>;                                                                 \
  template void multiply_rows<T>(const T*, int64_t, int64_t, const PackedMatrix<T>&, T*, int64_t, \
                                 Store);                                                          \
  template void multiply<T>(const T*, int64_t, int64_t, const PackedMatrix<T>&, T*, int64_t, Store);
RECKON_INSTANTIATE(float)
RECKON_INSTANTIATE(double)
#undef RECKON_INSTANTIATE

}  // namespace reckon::policy::kernels
