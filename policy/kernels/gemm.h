#pragma once

#include <cstdint>
#include <vector>

/// Matrix products whose rows do not know of each other: every output element is one chain of fused
/// multiply-adds over the inner dimension in ascending order, whatever the number of rows, the tile
/// it fell into, or the number of threads. That makes a token's logits independent of the batch it
/// is computed in, in decode as in training. General-purpose GEMMs do not promise this.
namespace reckon::policy::kernels {

/// How the weights of a `PackedMatrix` are stored. Products are summed in T either way.
enum class Storage {
  full,     ///< as T
  bfloat16  ///< rounded to the nearest bfloat16, half the bytes to read; float only
};

/// A weight matrix laid out for the product y = x wᵀ: panels of two registers of output columns,
/// each with all of the inner dimension contiguous, zero-padded at the right edge.
template <class T>
class PackedMatrix {
 public:
  /// Packs `w` [outputs, inputs], row-major.
  void pack(const T* w, int64_t outputs, int64_t inputs, Storage storage = Storage::full);

  int64_t outputs() const { return outputs_; }
  int64_t inputs() const { return inputs_; }
  Storage storage() const { return storage_; }
  int64_t panels() const;
  const T* panel(int64_t index) const;
  /// A panel of `Storage::bfloat16`: one word holds a column of the first register in its lower
  /// half and the column one register further in its upper half.
  const uint32_t* half_panel(int64_t index) const;

 private:
  int64_t outputs_ = 0;
  int64_t inputs_ = 0;
  Storage storage_ = Storage::full;
  std::vector<T> data_;
  std::vector<uint32_t> halves_;
};

/// What happens to the product at the end.
enum class Store { overwrite, add };

/// y[rows, outputs] = x[rows, inputs] · packed, or += with `Store::add`. Row strides in elements.
/// On the calling thread only.
template <class T>
void multiply_rows(const T* x, int64_t x_stride, int64_t rows, const PackedMatrix<T>& packed, T* y,
                   int64_t y_stride, Store store);

/// The same over all threads, which share rows and columns evenly.
template <class T>
void multiply(const T* x, int64_t x_stride, int64_t rows, const PackedMatrix<T>& packed, T* y,
              int64_t y_stride, Store store);

}  // namespace reckon::policy::kernels
