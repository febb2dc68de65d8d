#pragma once

#include <cstdint>
#include <vector>

/// Matrix products whose rows do not know of each other: every output element is one chain of fused
/// multiply-adds over the inner dimension in ascending order, whatever the number of rows, the tile
/// it fell into, or the number of threads. That makes a token's logits independent of the batch it
/// is computed in, in decode as in training. General-purpose GEMMs do not promise this.
namespace reckon::policy::kernels {

/// A weight matrix laid out for the product: panels of `kPanelWidth<T>` output columns, each with
/// all of the inner dimension contiguous, zero-padded at the right edge.
template <class T>
class PackedMatrix {
 public:
  /// Packs `w` [outputs, inputs], row-major, for y = x wᵀ.
  void pack(const T* w, int64_t outputs, int64_t inputs);
  /// Packs `w` [rows, columns], row-major, for y = x w: outputs = columns, inputs = rows.
  void pack_transposed(const T* w, int64_t rows, int64_t columns);

  int64_t outputs() const { return outputs_; }
  int64_t inputs() const { return inputs_; }
  const T* panel(int64_t index) const;
  int64_t panels() const;

 private:
  void resize(int64_t outputs, int64_t inputs);

  int64_t outputs_ = 0;
  int64_t inputs_ = 0;
  std::vector<T> data_;
};

/// What happens to the product at the end.
enum class Store { overwrite, add };

/// y[rows, outputs] = x[rows, inputs] · packed, or += with `Store::add`. Row strides in elements.
/// On the calling thread only.
template <class T>
void multiply_rows(const T* x, int64_t x_stride, int64_t rows, const PackedMatrix<T>& packed, T* y,
                   int64_t y_stride, Store store);

/// The same over all threads: rows are cut into blocks of fixed size.
template <class T>
void multiply(const T* x, int64_t x_stride, int64_t rows, const PackedMatrix<T>& packed, T* y,
              int64_t y_stride, Store store);

/// out[outputs, inputs] += dyᵀ[outputs, rows] · x[rows, inputs]: the gradient of a weight matrix.
/// All threads; each output element sums the rows in ascending order, whatever the thread count.
template <class T>
void accumulate_outer(const T* dy, int64_t dy_stride, const T* x, int64_t x_stride, int64_t rows,
                      int64_t outputs, int64_t inputs, T* out);

}  // namespace reckon::policy::kernels
