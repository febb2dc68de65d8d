#include "policy/kernels/gemm.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/policy/random_tensor.h"
#include "tests/policy/thread_count.h"

namespace reckon::policy::kernels {
namespace {

using tests::ThreadCount;

constexpr int64_t kSlack = 3;  // elements between rows that must stay untouched
constexpr double kUntouched = 77.0;

// Numbers in [-1, 1] of all sizes; cheap, because there are millions.
template <class T>
std::vector<T> values(int64_t count, int64_t seed) {
  std::vector<T> result(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    result[static_cast<size_t>(i)] =
        static_cast<T>((i * 7919 + seed * 104729) % 2003) / T(1001) - 1;
  }
  return result;
}

// The same as a tensor [rows, columns] of float64.
template <class T>
at::Tensor matrix(int64_t rows, int64_t columns, int64_t seed) {
  return at::tensor(values<T>(rows * columns, seed)).to(at::kDouble).view({rows, columns});
}

// One product x wᵀ with gaps between the rows of x and y.
template <class T>
struct Product {
  Product(int64_t row_count, int64_t output_count, int64_t input_count)
      : rows(row_count),
        outputs(output_count),
        inputs(input_count),
        x(values<T>(rows * (inputs + kSlack), 1)),
        w(values<T>(outputs * inputs, 2)) {
    packed.pack(w.data(), outputs, inputs);
  }

  std::vector<T> empty() const {
    return std::vector<T>(static_cast<size_t>(rows * (outputs + kSlack)), T(kUntouched));
  }
  std::vector<T> run(Store store) const {
    auto y = empty();
    multiply(x.data(), inputs + kSlack, rows, packed, y.data(), outputs + kSlack, store);
    return y;
  }
  T x_at(int64_t r, int64_t k) const { return x[static_cast<size_t>(r * (inputs + kSlack) + k)]; }
  T w_at(int64_t o, int64_t k) const { return w[static_cast<size_t>(o * inputs + k)]; }

  int64_t rows, outputs, inputs;
  std::vector<T> x, w;
  PackedMatrix<T> packed;
};

// The sum over the inner dimension as the header promises it: one chain of fused multiply-adds.
template <class T>
T chain(const Product<T>& p, int64_t row, int64_t output) {
  T sum = 0;
  for (int64_t k = 0; k < p.inputs; ++k) sum = std::fma(p.x_at(row, k), p.w_at(output, k), sum);
  return sum;
}

// Largest distance of y from `start` + x wᵀ, in units of the rounding of a sum of that length.
template <class T>
double error_of(const Product<T>& p, const std::vector<T>& y, double start) {
  double worst = 0;
  for (int64_t r = 0; r < p.rows; ++r) {
    for (int64_t o = 0; o < p.outputs; ++o) {
      double sum = start, magnitude = std::abs(start);
      for (int64_t k = 0; k < p.inputs; ++k) {
        const double term = double{p.x_at(r, k)} * double{p.w_at(o, k)};
        sum += term;
        magnitude += std::abs(term);
      }
      const double got = y[static_cast<size_t>(r * (p.outputs + kSlack) + o)];
      worst = std::max(worst, std::abs(got - sum) / magnitude);
    }
    for (int64_t gap = p.outputs; gap < p.outputs + kSlack; ++gap) {
      if (y[static_cast<size_t>(r * (p.outputs + kSlack) + gap)] != T(kUntouched)) return 1e9;
    }
  }
  return worst / std::numeric_limits<T>::epsilon();
}

template <class T>
void check_products() {
  const ThreadCount one(1);  // thousands of tiny matrices: starting threads would take most time
  double worst = 0, worst_added = 0;
  for (const int64_t rows : {1, 5, 6, 7, 12, 13, 25, 40}) {
    for (int64_t outputs = 1; outputs <= 40; ++outputs) {
      for (const int64_t inputs : {1, 7, 16, 33, 40}) {
        const Product<T> product(rows, outputs, inputs);
        worst = std::max(worst, error_of(product, product.run(Store::overwrite), 0.0));
        worst_added = std::max(worst_added, error_of(product, product.run(Store::add), kUntouched));
      }
    }
  }
  CHECK(worst < 41);
  CHECK(worst_added < 41);
}

TEST_CASE("gemm: products of odd sizes are those of plain loops and stay inside their columns") {
  check_products<float>();
  check_products<double>();
}

#if defined(__FMA__)
template <class T>
void check_chains() {
  for (const int64_t outputs : {1, 15, 16, 17, 40, 70}) {
    const Product<T> product(19, outputs, 37);
    const auto y = product.run(Store::overwrite);
    bool same = true;
    for (int64_t r = 0; r < product.rows; ++r) {
      for (int64_t o = 0; o < outputs; ++o) {
        same &= y[static_cast<size_t>(r * (outputs + kSlack) + o)] == chain(product, r, o);
      }
    }
    CHECK(same);
  }
}

TEST_CASE("gemm: each element is one chain of fused multiply-adds in ascending order, to the bit") {
  check_chains<float>();
  check_chains<double>();
}
#endif

// Rows of `product` alone and in groups give the bits that they have among all rows.
template <class T>
void check_rows_are_independent(const Product<T>& product) {
  const int64_t x_stride = product.inputs + kSlack, y_stride = product.outputs + kSlack;
  const auto all = product.run(Store::overwrite);
  bool same = true;
  for (const int64_t group : {1, 2, 3, 11, 12, 13, 50}) {
    auto y = product.empty();
    for (int64_t r = 0; r < product.rows; r += group) {
      multiply_rows(product.x.data() + r * x_stride, x_stride, std::min(group, product.rows - r),
                    product.packed, y.data() + r * y_stride, y_stride, Store::overwrite);
    }
    same &= y == all;
  }
  CHECK(same);
  const ThreadCount one(1);
  CHECK(product.run(Store::overwrite) == all);
}

TEST_CASE("gemm: a row has the same bits alone, in any batch, at any place, on 1 and 2 threads") {
  for (const int64_t rows : {1, 40, 97, 301}) {
    for (const int64_t outputs : {1, 31, 32, 33, 100}) {
      check_rows_are_independent(Product<float>(rows, outputs, 29));
      check_rows_are_independent(Product<double>(rows, outputs, 29));
    }
  }
}

TEST_CASE("gemm: a packed matrix can be packed again in another size") {
  const auto w = matrix<double>(40, 9, 7), x = matrix<double>(3, 9, 8);
  PackedMatrix<double> packed;
  for (const int64_t outputs : {40, 3, 17}) {
    packed.pack(w.const_data_ptr<double>(), outputs, 9);
    auto y = at::empty({3, outputs}, x.options());
    multiply_rows(x.const_data_ptr<double>(), 9, 3, packed, y.data_ptr<double>(), outputs,
                  Store::overwrite);
    CHECK(tests::max_difference(y, x.matmul(w.narrow(0, 0, outputs).t())) < 1e-13);
  }
}

TEST_CASE("gemm: bfloat16 storage multiplies by the weights rounded to nearest, to the bit") {
  for (const int64_t outputs : {1, 15, 16, 17, 31, 32, 33, 100}) {
    const auto x = matrix<float>(13, 29, 1).to(at::kFloat);
    const auto w = (matrix<float>(outputs, 29, 2) * 1.2345).to(at::kFloat);
    const auto rounded = w.to(at::kBFloat16).to(at::kFloat);
    CHECK(!tests::bit_equal(w, rounded));
    const auto product = [&](const at::Tensor& weight, Storage storage) {
      PackedMatrix<float> packed;
      packed.pack(weight.const_data_ptr<float>(), outputs, 29, storage);
      auto y = at::empty({13, outputs}, x.options());
      multiply(x.const_data_ptr<float>(), 29, 13, packed, y.data_ptr<float>(), outputs,
               Store::overwrite);
      return y;
    };
    CHECK(tests::bit_equal(product(w, Storage::bfloat16), product(rounded, Storage::full)));
  }
}

}  // namespace
}  // namespace reckon::policy::kernels
