#include <cmath>
#include <span>

#include "policy/kernels/attention_parts.h"

namespace reckon::policy::kernels {
namespace {

// Scratch of one key head: columns of keys, values and their gradients, first of a shared prefix,
// then of the segment at hand.
template <class T>
class Columns {
 public:
  Columns(std::vector<T>& scratch, int64_t size, int64_t heads, int64_t most)
      : size_(size), stride_(padded<T>(most)) {
    scratch.assign(static_cast<size_t>((4 * size + 2 * heads) * stride_), T(0));
    data_ = scratch.data();
  }

  T* keys() const { return data_; }
  T* values() const { return data_ + size_ * stride_; }
  T* dkeys() const { return data_ + 2 * size_ * stride_; }
  T* dvalues() const { return data_ + 3 * size_ * stride_; }
  T* p() const { return data_ + 4 * size_ * stride_; }
  T* dp(int64_t heads) const { return p() + heads * stride_; }
  int64_t stride() const { return stride_; }

  // Fills keys and values of `count` rows from column `first` on; their gradients start at zero.
  void load(const T* keys, const T* values, int64_t width, int64_t first, int64_t count) {
    for (int64_t d = 0; d < size_; ++d) {
      for (int64_t j = 0; j < count; ++j) {
        this->keys()[d * stride_ + first + j] = keys[j * width + d];
        this->values()[d * stride_ + first + j] = values[j * width + d];
      }
      std::fill_n(dkeys() + d * stride_ + first, count, T(0));
      std::fill_n(dvalues() + d * stride_ + first, count, T(0));
    }
  }

  void store(T* dkeys, T* dvalues, int64_t width, int64_t first, int64_t count) const {
    for (int64_t j = 0; j < count; ++j) {
      for (int64_t d = 0; d < size_; ++d) {
        dkeys[j * width + d] = this->dkeys()[d * stride_ + first + j];
        dvalues[j * width + d] = this->dvalues()[d * stride_ + first + j];
      }
    }
  }

 private:
  int64_t size_, stride_;
  T* data_;
};

// target[d][j] += Σ_h left_h[d] · right_h[j] over `count` columns.
template <class T, int64_t Heads>
void add_outer(const T* left, int64_t head_size, const T* right, int64_t stride, int64_t count,
               T* target) {
  for (int64_t d = 0; d < head_size; ++d) {
    T* row = target + d * stride;
    for (int64_t j = 0; j < count; j += kLanes<T>) {
      Register<T> sum = load_register<T>(row + j);
#pragma GCC unroll 4
      for (int64_t h = 0; h < Heads; ++h) {
        sum += left[h * head_size + d] * load_register<T>(right + h * stride + j);
      }
      std::memcpy(row + j, &sum, sizeof(sum));
    }
  }
}

// What one query row of some heads reads and writes; heads follow one another by `head_size`.
template <class T>
struct QueryRow {
  const T *query, *out, *dout, *log_sums;
  T* dquery;
  int64_t count;  // keys that it sees
};

// Adds the row's share to the gradients of keys and values, and leaves dp · scale in `columns`.
template <class T, int64_t Heads>
void backward_row(const QueryRow<T>& row, int64_t size, T scale, const Columns<T>& columns) {
  const int64_t stride = columns.stride();
  T *p = columns.p(), *dp = columns.dp(Heads);
  score_keys<T, Heads>(row.query, size, size, {columns.keys(), stride, nullptr, 0, row.count},
                       scale, p, stride);
  score_keys<T, Heads>(row.dout, size, size, {columns.values(), stride, nullptr, 0, row.count},
                       T(1), dp, stride);
  for (int64_t h = 0; h < Heads; ++h) {
    T delta = 0;
    for (int64_t d = 0; d < size; ++d) delta += row.dout[h * size + d] * row.out[h * size + d];
    // p = exp(s - l), ds = p · (dp - delta) · scale; lanes past `count` are zero.
    for (int64_t j = h * stride; j < h * stride + row.count; j += kLanes<T>) {
      const int64_t n = std::min(kLanes<T>, h * stride + row.count - j);
      auto weight = (Vec<T>::loadu(p + j) - Vec<T>(row.log_sums[h])).exp_u20();
      if (n < kLanes<T>) weight = Vec<T>::set(Vec<T>(T(0)), weight, n);
      weight.store(p + j);
      (weight * (Vec<T>::loadu(dp + j, n) - Vec<T>(delta)) * Vec<T>(scale)).store(dp + j);
    }
  }
  add_outer<T, Heads>(row.query, size, dp, stride, row.count, columns.dkeys());
  add_outer<T, Heads>(row.dout, size, p, stride, row.count, columns.dvalues());
}

// The rows of one key head, for one text and what shares it.
template <class T>
class HeadBackward {
 public:
  HeadBackward(const T* dout, const T* qkv, const T* out, const T* log_sums,
               const AttentionShape& shape, const PackedLayout& layout, T* dqkv, int64_t key_head)
      : dout_(dout),
        qkv_(qkv),
        out_(out),
        log_sums_(log_sums),
        shape_(shape),
        layout_(layout),
        dqkv_(dqkv),
        at_(shape, key_head),
        width_(shape.qkv_width()) {}

  // Segment `root`, which has no prefix, then those of `children`, which have it as prefix.
  void run(int64_t root, std::span<const int64_t> children, std::vector<T>& scratch) const {
    int64_t longest = 0;
    for (const int64_t child : children) longest = std::max(longest, layout_.length(child));
    const int64_t shared = layout_.length(root);
    Columns<T> columns(scratch, shape_.head_size, std::min(kHeadBlock, shape_.group()),
                       shared + longest + kLanes<T>);
    load(columns, root, 0);
    rows(columns, root, 0);
    for (const int64_t child : children) {
      load(columns, child, shared);
      rows(columns, child, shared);
      store(columns, child, shared);
    }
    store(columns, root, 0);
  }

 private:
  const T* segment(const T* rows, int64_t s) const { return rows + layout_.begin(s) * width_; }

  void load(Columns<T>& columns, int64_t s, int64_t first) const {
    const T* rows = segment(qkv_, s);
    columns.load(rows + at_.key, rows + at_.value, width_, first, layout_.length(s));
  }

  void store(const Columns<T>& columns, int64_t s, int64_t first) const {
    T* rows = dqkv_ + layout_.begin(s) * width_;
    columns.store(rows + at_.key, rows + at_.value, width_, first, layout_.length(s));
  }

  void rows(const Columns<T>& columns, int64_t s, int64_t before) const {
    const int64_t size = shape_.head_size;
    const T scale = T(1) / std::sqrt(static_cast<T>(size));
    for (int64_t t = 0; t < layout_.length(s); ++t) {
      const int64_t row = layout_.begin(s) + t;
      for_head_blocks(shape_.group(), [&]<int64_t Heads>(int64_t h) {
        const int64_t column = at_.query + h * size;
        const int64_t place = row * shape_.out_width() + column;
        const QueryRow<T> query{qkv_ + row * width_ + column,
                                out_ + place,
                                dout_ + place,
                                log_sums_ + row * shape_.query_heads + at_.head + h,
                                dqkv_ + row * width_ + column,
                                before + t + 1};
        backward_row<T, Heads>(query, size, scale, columns);
        mix_keys<Heads>(columns, s, before, t + 1, query.dquery);
      });
    }
  }

  // dq_h = Σ_j ds_h[j] · k_j, over the prefix and then the segment's own keys.
  template <int64_t Heads>
  void mix_keys(const Columns<T>& columns, int64_t s, int64_t before, int64_t own,
                T* dquery) const {
    const int64_t size = shape_.head_size, stride = columns.stride();
    const T* ds = columns.dp(Heads);
    std::fill_n(dquery, Heads * size, T(0));
    if (before > 0) {
      const T* keys = segment(qkv_, layout_.prefix(s)) + at_.key;
      mix_values<T, Heads>(ds, stride, {nullptr, 0, keys, width_, before}, size, dquery, size);
    }
    const T* keys = segment(qkv_, s) + at_.key;
    mix_values<T, Heads>(ds + before, stride, {nullptr, 0, keys, width_, own}, size, dquery, size);
  }

  const T *dout_, *qkv_, *out_, *log_sums_;
  const AttentionShape& shape_;
  const PackedLayout& layout_;
  T* dqkv_;
  HeadColumns at_;
  int64_t width_;
};

}  // namespace

template <class T>
void attention_backward(const T* dout, const T* qkv, const T* out, const T* log_sums,
                        const AttentionShape& shape, const PackedLayout& layout, T* dqkv) {
  // Segments without a prefix, each with those that go on from it.
  std::vector<int64_t> roots;
  std::vector<std::vector<int64_t>> children(static_cast<size_t>(layout.segments()));
  for (int64_t s = 0; s < layout.segments(); ++s) {
    if (layout.prefix(s) < 0) {
      roots.push_back(s);
    } else {
      children[static_cast<size_t>(layout.prefix(s))].push_back(s);
    }
  }
  for_each_pair<T>(static_cast<int64_t>(roots.size()), shape.key_heads,
                   [&](int64_t index, int64_t key_head, std::vector<T>& scratch) {
                     const int64_t root = roots[static_cast<size_t>(index)];
                     HeadBackward<T>(dout, qkv, out, log_sums, shape, layout, dqkv, key_head)
                         .run(root, children[static_cast<size_t>(root)], scratch);
                   });
}

template void attention_backward<float>(const float*, const float*, const float*, const float*,
                                        const AttentionShape&, const PackedLayout&, float*);
template void attention_backward<double>(const double*, const double*, const double*, const double*,
                                         const AttentionShape&, const PackedLayout&, double*);

}  // namespace reckon::policy::kernels
