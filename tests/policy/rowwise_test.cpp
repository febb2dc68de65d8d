#include "policy/kernels/rowwise.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/policy/gradients.h"
#include "tests/policy/random_tensor.h"

namespace reckon::policy::kernels {
namespace {

using tests::max_difference;
using tests::random_tensor;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Widths around one, two and four registers, and one that needs many.
const std::vector<int64_t> kWidths = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 170};

const double* data(const at::Tensor& tensor) { return tensor.const_data_ptr<double>(); }

at::Tensor plain_rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return x / (x.square().mean() + eps).sqrt() * weight;
}

// A kernel's output row, and whether the element behind it stayed untouched.
template <class T, class Kernel>
at::Tensor output_row(int64_t width, Kernel kernel) {
  constexpr T kUntouched = T(77);
  auto padded = at::full({width + 1}, kUntouched, c10::CppTypeToScalarType<T>::value);
  kernel(padded.template data_ptr<T>());
  CHECK(padded.template const_data_ptr<T>()[width] == kUntouched);
  return padded.narrow(0, 0, width);
}

template <class T>
void check_rms_norm(double tolerance) {
  const auto type = c10::CppTypeToScalarType<T>::value;
  for (const int64_t width : kWidths) {
    const auto x = random_tensor({width}, 1, type, 3.0), w = random_tensor({width}, 2, type);
    for (const double eps : {1e-6, 0.5}) {
      T factor = 0;
      const auto y = output_row<T>(width, [&](T* out) {
        factor = rms_norm_row(x.template const_data_ptr<T>(), w.template const_data_ptr<T>(), width,
                              static_cast<T>(eps), out);
      });
      const at::Tensor wide = x.to(at::kDouble);
      const at::Tensor want = plain_rms_norm(wide, w.to(at::kDouble), eps);
      CHECK(max_difference(y, want) < tolerance * (1 + want.abs().max().item<double>()));
      const double mean = wide.square().mean().item<double>();
      CHECK(factor == doctest::Approx(1 / std::sqrt(mean + eps)).epsilon(tolerance));
      auto in_place = x.clone();
      rms_norm_row(in_place.template data_ptr<T>(), w.template const_data_ptr<T>(), width,
                   static_cast<T>(eps), in_place.template data_ptr<T>());
      CHECK(tests::bit_equal(in_place, y.clone()));
    }
  }
}

TEST_CASE("rowwise: the norm of a row is that of plain operators, in place too") {
  check_rms_norm<double>(1e-14);
  check_rms_norm<float>(1e-6);
}

TEST_CASE("rowwise: the norm's gradients are those of finite differences") {
  constexpr double kEps = 1e-2;
  for (const int64_t width : {1, 3, 8, 17, 40}) {
    const auto x = random_tensor({width}, 1), w = random_tensor({width}, 2);
    const auto dy = random_tensor({width}, 3), before = random_tensor({width}, 4);
    auto y = at::empty_like(x), dx = at::empty_like(x), dw = before.clone();
    const double factor = rms_norm_row(data(x), data(w), width, kEps, y.data_ptr<double>());
    rms_norm_row_backward(data(dy), data(x), data(w), factor, width, dx.data_ptr<double>(),
                          dw.data_ptr<double>());
    const auto loss = [&] { return (plain_rms_norm(x, w, kEps) * dy).sum(); };
    CHECK(max_difference(dx, tests::central_differences(loss, x)) < 1e-7);
    CHECK(max_difference(dw - before, tests::central_differences(loss, w)) < 1e-7);
  }
}

TEST_CASE("rowwise: a head is rotated by half-split pairs and back") {
  for (const int64_t half : {1, 3, 4, 8, 9, 12, 16, 32, 33}) {
    const auto head = random_tensor({2 * half}, 1), angles = random_tensor({half}, 2);
    const auto c = angles.cos(), s = angles.sin();
    const auto low = head.narrow(0, 0, half), high = head.narrow(0, half, half);
    const auto turned = output_row<double>(2 * half, [&](double* out) {
      std::copy_n(data(head), 2 * half, out);
      rope_head(out, data(c), data(s), 2 * half, false);
    });
    CHECK(max_difference(turned, at::cat({low * c - high * s, high * c + low * s})) < 1e-15 * 8);
    auto back = turned.clone();
    rope_head(back.data_ptr<double>(), data(c), data(s), 2 * half, true);
    CHECK(max_difference(back, head) < 1e-15 * 8);
  }
}

at::Tensor plain_swiglu(const at::Tensor& gate_up) {
  const auto halves = gate_up.chunk(2);
  return halves[0] / (1 + (-halves[0]).exp()) * halves[1];
}

TEST_CASE("rowwise: gated units are those of plain operators") {
  for (const int64_t width : kWidths) {
    const auto gate_up = random_tensor({2 * width}, 1, at::kDouble, 4.0);
    const auto want = plain_swiglu(gate_up);
    const auto wide =
        output_row<double>(width, [&](double* out) { swiglu_row(data(gate_up), width, out); });
    CHECK(max_difference(wide, want) < 1e-14 * 100);
    const auto narrow = gate_up.to(at::kFloat);
    const auto single = output_row<float>(
        width, [&](float* out) { swiglu_row(narrow.const_data_ptr<float>(), width, out); });
    CHECK(max_difference(single, plain_swiglu(narrow.to(at::kDouble))) < 1e-5);
  }
}

TEST_CASE("rowwise: gated units stay finite for gates of any size") {
  const auto gate_up = at::tensor({-1e4f, -90.0f, 0.0f, 90.0f, 1e4f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f});
  const auto y = output_row<float>(
      5, [&](float* out) { swiglu_row(gate_up.const_data_ptr<float>(), 5, out); });
  CHECK(max_difference(y, at::tensor({0.0, 0.0, 0.0, 90.0, 1e4})) < 1e-3);
  const auto ones = at::ones({5}, at::kFloat);
  auto dgate_up = at::empty({10}, at::kFloat);
  swiglu_row_backward(ones.const_data_ptr<float>(), gate_up.const_data_ptr<float>(), 5,
                      dgate_up.data_ptr<float>());
  CHECK(max_difference(dgate_up.narrow(0, 0, 5), at::tensor({0.0, 0.0, 0.5, 1.0, 1.0})) < 1e-3);
}

TEST_CASE("rowwise: the gated units' gradient is that of finite differences") {
  for (const int64_t width : {1, 3, 8, 17, 40}) {
    const auto gate_up = random_tensor({2 * width}, 1), dy = random_tensor({width}, 2);
    const auto gradient = output_row<double>(
        2 * width, [&](double* out) { swiglu_row_backward(data(dy), data(gate_up), width, out); });
    const auto loss = [&] { return (plain_swiglu(gate_up) * dy).sum(); };
    CHECK(max_difference(gradient, tests::central_differences(loss, gate_up)) < 1e-7);
  }
}

template <class T>
void check_softmax(double tolerance) {
  const auto type = c10::CppTypeToScalarType<T>::value;
  for (const int64_t width : kWidths) {
    for (const double scale : {1.0, 1.25, 0.1}) {
      const auto logits = random_tensor({width}, 1, type, 5.0);
      RowSoftmax<T> stats{};
      const auto exps = output_row<T>(width, [&](T* out) {
        stats = softmax_row(logits.template const_data_ptr<T>(), width, static_cast<T>(scale), out);
      });
      const at::Tensor scaled = logits.to(at::kDouble) * scale;
      const double maximum = scaled.max().item<double>();
      CHECK(stats.maximum == doctest::Approx(maximum).epsilon(tolerance));
      CHECK(max_difference(exps, (scaled - maximum).exp()) < tolerance * 10);
      const double log_sum = at::logsumexp(scaled, 0).item<double>();
      CHECK(std::abs(stats.log_sum - log_sum) < tolerance * (10 + std::abs(log_sum)));
      const auto bare = softmax_row<T>(logits.template const_data_ptr<T>(), width,
                                       static_cast<T>(scale), nullptr);
      CHECK(bare.log_sum == stats.log_sum);
      CHECK(bare.sum == stats.sum);
    }
  }
}

TEST_CASE("rowwise: softmax statistics are those of plain operators, with and without exps") {
  check_softmax<double>(1e-14);
  check_softmax<float>(1e-6);
}

TEST_CASE("rowwise: softmax bears logits of any size") {
  const auto stats_of = [](const std::vector<double>& logits) {
    return softmax_row<double>(logits.data(), static_cast<int64_t>(logits.size()), 1.0, nullptr);
  };
  CHECK(stats_of({1e4, -1e4, 1e4}).log_sum == doctest::Approx(1e4 + std::log(2.0)));
  CHECK(stats_of({-1e4, -1e4}).log_sum == doctest::Approx(-1e4 + std::log(2.0)));
  CHECK(stats_of({-kInfinity, 3.0, -kInfinity}).log_sum == 3.0);
  CHECK(stats_of(std::vector<double>(33, 0.0)).log_sum == doctest::Approx(std::log(33.0)));
}

TEST_CASE("rowwise: a row is added to another") {
  for (const int64_t width : kWidths) {
    const auto x = random_tensor({width}, 1), y = random_tensor({width}, 2);
    const auto sum = output_row<double>(width, [&](double* out) {
      std::copy_n(data(y), width, out);
      add_row(data(x), width, out);
    });
    CHECK(tests::bit_equal(sum.clone(), x + y));
  }
}

}  // namespace
}  // namespace reckon::policy::kernels
