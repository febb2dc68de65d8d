#include "policy/kernels/gemm.h"

#include <ATen/Parallel.h>

#include <algorithm>

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
constexpr int64_t kRowBlock = 96;     // rows that stay in cache while the panels pass
constexpr int64_t kDepthBlock = 256;  // rows summed at a time into a weight gradient

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

template <class T, int64_t Rows>
void row_tile(const T* x, int64_t x_stride, const T* panel, int64_t inputs, T* y, int64_t y_stride,
              int64_t columns, Store store) {
  Register<T> low[Rows] = {}, high[Rows] = {};
  for (int64_t k = 0; k < inputs; ++k) {
    const Register<T> w_low = load_register<T>(panel + k * kPanelWidth<T>);
    const Register<T> w_high = load_register<T>(panel + k * kPanelWidth<T> + kLanes<T>);
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

template <class T, int64_t Rows = kTileRows>
void row_tile_of(int64_t rows, const T* x, int64_t x_stride, const T* panel, int64_t inputs, T* y,
                 int64_t y_stride, int64_t columns, Store store) {
  if (rows == Rows) {
    row_tile<T, Rows>(x, x_stride, panel, inputs, y, y_stride, columns, store);
  } else if constexpr (Rows > 1) {
    row_tile_of<T, Rows - 1>(rows, x, x_stride, panel, inputs, y, y_stride, columns, store);
  }
}

// One tile of a weight gradient: Rows outputs × two registers of inputs, over `depth` tokens.
// `Whole` tells at compile time that all columns exist: the inner loop then has no branch.
template <class T, int64_t Rows, bool Whole>
void outer_tile(const T* dy, int64_t dy_stride, const T* x, int64_t x_stride, int64_t depth, T* out,
                int64_t out_stride, int64_t columns) {
  constexpr int64_t lanes = kLanes<T>;
  const int64_t first = Whole ? lanes : std::min(columns, lanes);
  const int64_t second = Whole ? lanes : columns - first;
  Register<T> low[Rows] = {}, high[Rows] = {};
  for (int64_t m = 0; m < depth; ++m) {
    const Register<T> x_low = load_register<T>(x + m * x_stride, first);
    const Register<T> x_high = load_register<T>(x + m * x_stride + lanes, second);
#pragma GCC unroll 12
    for (int64_t r = 0; r < Rows; ++r) {
      const T value = dy[m * dy_stride + r];
      low[r] += value * x_low;
      high[r] += value * x_high;
    }
  }
#pragma GCC unroll 12
  for (int64_t r = 0; r < Rows; ++r) {
    store_pair<T>(out + r * out_stride, low[r], high[r], columns, Store::add);
  }
}

template <class T, int64_t Rows = kTileRows>
void outer_tile_of(int64_t rows, const T* dy, int64_t dy_stride, const T* x, int64_t x_stride,
                   int64_t depth, T* out, int64_t out_stride, int64_t columns) {
  if (rows != Rows) {
    if constexpr (Rows > 1) {
      outer_tile_of<T, Rows - 1>(rows, dy, dy_stride, x, x_stride, depth, out, out_stride, columns);
    }
  } else if (columns == kPanelWidth<T>) {
    outer_tile<T, Rows, true>(dy, dy_stride, x, x_stride, depth, out, out_stride, columns);
  } else {
    outer_tile<T, Rows, false>(dy, dy_stride, x, x_stride, depth, out, out_stride, columns);
  }
}

}  // namespace

template <class T>
void PackedMatrix<T>::resize(int64_t outputs, int64_t inputs) {
  outputs_ = outputs;
  inputs_ = inputs;
  data_.resize(static_cast<size_t>(panels() * inputs * kPanelWidth<T>));
}

template <class T>
int64_t PackedMatrix<T>::panels() const {
  return (outputs_ + kPanelWidth<T> - 1) / kPanelWidth<T>;
}

template <class T>
const T* PackedMatrix<T>::panel(int64_t index) const {
  return data_.data() + index * inputs_ * kPanelWidth<T>;
}

template <class T>
void PackedMatrix<T>::pack(const T* w, int64_t outputs, int64_t inputs) {
  resize(outputs, inputs);
  at::parallel_for(0, panels(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      T* out = data_.data() + p * inputs * kPanelWidth<T>;
      const int64_t columns = std::min(kPanelWidth<T>, outputs - p * kPanelWidth<T>);
      if (columns < kPanelWidth<T>) std::fill_n(out, inputs * kPanelWidth<T>, T(0));
      for (int64_t c = 0; c < columns; ++c) {
        const T* row = w + (p * kPanelWidth<T> + c) * inputs;
        for (int64_t k = 0; k < inputs; ++k) out[k * kPanelWidth<T> + c] = row[k];
      }
    }
  });
}

template <class T>
void PackedMatrix<T>::pack_transposed(const T* w, int64_t rows, int64_t columns) {
  resize(columns, rows);
  at::parallel_for(0, panels(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      T* out = data_.data() + p * rows * kPanelWidth<T>;
      const int64_t first = p * kPanelWidth<T>;
      const int64_t count = std::min(kPanelWidth<T>, columns - first);
      for (int64_t k = 0; k < rows; ++k) {
        std::copy_n(w + k * columns + first, count, out + k * kPanelWidth<T>);
        std::fill_n(out + k * kPanelWidth<T> + count, kPanelWidth<T> - count, T(0));
      }
    }
  });
}

template <class T>
void multiply_rows(const T* x, int64_t x_stride, int64_t rows, const PackedMatrix<T>& packed, T* y,
                   int64_t y_stride, Store store) {
  for (int64_t block = 0; block < rows; block += kRowBlock) {
    const int64_t block_rows = std::min(kRowBlock, rows - block);
    for (int64_t p = 0; p < packed.panels(); ++p) {
      const int64_t column = p * kPanelWidth<T>;
      const int64_t columns = std::min(kPanelWidth<T>, packed.outputs() - column);
      for (int64_t r = block; r < block + block_rows; r += kTileRows) {
        const int64_t tile = std::min(kTileRows, block + block_rows - r);
        row_tile_of<T>(tile, x + r * x_stride, x_stride, packed.panel(p), packed.inputs(),
                       y + r * y_stride + column, y_stride, columns, store);
      }
    }
  }
}

template <class T>
void multiply(const T* x, int64_t x_stride, int64_t rows, const PackedMatrix<T>& packed, T* y,
              int64_t y_stride, Store store) {
  const int64_t blocks = (rows + kRowBlock - 1) / kRowBlock;
  at::parallel_for(0, blocks, 1, [&](int64_t begin, int64_t end) {
    const int64_t first = begin * kRowBlock;
    const int64_t count = std::min(end * kRowBlock, rows) - first;
    multiply_rows(x + first * x_stride, x_stride, count, packed, y + first * y_stride, y_stride,
                  store);
  });
}

template <class T>
void accumulate_outer(const T* dy, int64_t dy_stride, const T* x, int64_t x_stride, int64_t rows,
                      int64_t outputs, int64_t inputs, T* out) {
  const int64_t tiles = (outputs + kTileRows - 1) / kTileRows;
  at::parallel_for(0, tiles, 1, [&](int64_t begin, int64_t end) {
    for (int64_t m = 0; m < rows; m += kDepthBlock) {
      const int64_t depth = std::min(kDepthBlock, rows - m);
      for (int64_t column = 0; column < inputs; column += kPanelWidth<T>) {
        const int64_t columns = std::min(kPanelWidth<T>, inputs - column);
        for (int64_t tile = begin; tile < end; ++tile) {
          const int64_t row = tile * kTileRows;
          outer_tile_of<T>(std::min(kTileRows, outputs - row), dy + m * dy_stride + row, dy_stride,
                           x + m * x_stride + column, x_stride, depth, out + row * inputs + column,
                           inputs, columns);
        }
      }
    }
  });
}

#define RECKON_INSTANTIATE(T)                                                                     \
  template class PackedMatrix<T>;                                                                 \
  template void multiply_rows<T>(const T*, int64_t, int64_t, const PackedMatrix<T>&, T*, int64_t, \
                                 Store);                                                          \
  template void multiply<T>(const T*, int64_t, int64_t, const PackedMatrix<T>&, T*, int64_t,      \
                            Store);                                                               \
  template void accumulate_outer<T>(const T*, int64_t, const T*, int64_t, int64_t, int64_t,       \
                                    int64_t, T*);
RECKON_INSTANTIATE(float)
RECKON_INSTANTIATE(double)
#undef RECKON_INSTANTIATE

}  // namespace reckon::policy::kernels
