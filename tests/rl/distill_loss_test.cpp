#include "rl/distill_loss.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <vector>

using namespace reckon;
using namespace reckon::rl;

namespace {

// Two models' hidden states and heads: 5 tokens of width 4, and 7 words, of which the teacher's
// head has two rows more than there are words.
struct Pair {
  explicit Pair(at::ScalarType type, double scale = 1.0) {
    const auto options = at::TensorOptions().dtype(at::kDouble);
    const auto values = [&](at::IntArrayRef sizes, double phase) {
      int64_t count = 1;
      for (const int64_t size : sizes) count *= size;
      return (at::arange(count, options).mul(1.7).add(phase).sin() * scale).view(sizes).to(type);
    };
    student_hidden = values({5, 4}, 0.1);
    teacher_hidden = values({5, 3}, 0.5);
    student.weight = values({7, 4}, 0.9);
    teacher.weight = values({9, 3}, 1.3);
    for (auto* tensor : {&student_hidden, &teacher_hidden, &student.weight, &teacher.weight}) {
      tensor->requires_grad_(true);
    }
  }

  TokenDivergence divergence(double beta) const {
    return token_divergence({student_hidden, student}, {teacher_hidden, teacher}, rows, beta);
  }
  TokenDivergence backward(double beta, double weight) const {
    return token_divergence_backward({student_hidden, student}, {teacher_hidden, teacher}, rows,
                                     beta, weight);
  }

  at::Tensor student_hidden, teacher_hidden;
  policy::Linear student, teacher;
  at::Tensor rows = at::tensor(std::vector<int64_t>{0, 2, 2, 4}, at::kLong);
};

// Probabilities of one token in plain loops, over the first 7 words.
std::vector<double> softmax(const at::Tensor& hidden, const at::Tensor& weight, int64_t row) {
  const auto h = hidden.detach().to(at::kDouble), w = weight.detach().to(at::kDouble);
  std::vector<double> out;
  double sum = 0.0;
  for (int64_t v = 0; v < 7; ++v) {
    double logit = 0.0;
    for (int64_t c = 0; c < h.size(1); ++c) {
      logit += h[row][c].item<double>() * w[v][c].item<double>();
    }
    out.push_back(std::exp(logit));
    sum += out.back();
  }
  for (double& value : out) value /= sum;
  return out;
}

double kl(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0.0;
  for (size_t v = 0; v < a.size(); ++v) sum += a[v] * std::log(a[v] / b[v]);
  return sum;
}

double expected_divergence(const Pair& pair, int64_t row, double beta) {
  const auto q = softmax(pair.student_hidden, pair.student.weight, row);
  const auto p = softmax(pair.teacher_hidden, pair.teacher.weight, row);
  if (beta == 0.0) return kl(p, q);
  if (beta == 1.0) return kl(q, p);
  std::vector<double> m;
  for (size_t v = 0; v < q.size(); ++v) m.push_back(beta * p[v] + (1.0 - beta) * q[v]);
  return beta * kl(p, m) + (1.0 - beta) * kl(q, m);
}

// The change of `value()` for a small change of each element of `tensor`.
at::Tensor finite_differences(at::Tensor tensor, const std::function<double()>& value) {
  const at::NoGradGuard no_grad;
  auto out = at::zeros_like(tensor);
  auto flat = tensor.detach().view({-1});
  constexpr double kStep = 1e-5;
  for (int64_t i = 0; i < flat.numel(); ++i) {
    const double before = flat[i].item<double>();
    flat[i] = before + kStep;
    const double high = value();
    flat[i] = before - kStep;
    const double low = value();
    flat[i] = before;
    out.view({-1})[i] = (high - low) / (2.0 * kStep);
  }
  return out;
}

constexpr double kBetas[] = {0.0, 0.1, 0.5, 0.9, 1.0};

}  // namespace

TEST_CASE("the divergence is the one of plain loops in double precision") {
  for (const double beta : kBetas) {
    CAPTURE(beta);
    const Pair wide(at::kDouble, 2.0), narrow(at::kFloat, 2.0);
    const auto exact = wide.divergence(beta), rounded = narrow.divergence(beta);
    REQUIRE(exact.divergence.numel() == 4);
    for (int64_t i = 0; i < 4; ++i) {
      const auto row = wide.rows[i].item<int64_t>();
      const double expected = expected_divergence(wide, row, beta);
      CHECK(expected > 0.0);
      CHECK(exact.divergence[i].item<double>() == doctest::Approx(expected).epsilon(1e-12));
      CHECK(rounded.divergence[i].item<double>() == doctest::Approx(expected).epsilon(1e-4));
      CHECK(exact.reverse_kl[i].item<double>() ==
            doctest::Approx(expected_divergence(wide, row, 1.0)).epsilon(1e-12));
    }
  }
}

TEST_CASE("gradients of the divergence are those of finite differences, the student's only") {
  constexpr double kWeight = 0.25;
  for (const double beta : kBetas) {
    CAPTURE(beta);
    const Pair pair(at::kDouble, 2.0);
    const auto value = [&] {
      return kWeight * pair.divergence(beta).divergence.sum().item<double>();
    };
    const auto hidden = finite_differences(pair.student_hidden, value);
    const auto head = finite_differences(pair.student.weight, value);
    const auto out = pair.backward(beta, kWeight);
    CHECK(at::equal(out.divergence, pair.divergence(beta).divergence));
    CHECK_FALSE(out.divergence.requires_grad());
    CHECK(hidden.abs().max().item<double>() > 1e-3);
    CHECK(at::allclose(pair.student_hidden.grad(), hidden, 1e-6, 1e-9));
    CHECK(at::allclose(pair.student.weight.grad(), head, 1e-6, 1e-9));
    CHECK_FALSE(pair.teacher_hidden.grad().defined());
    CHECK_FALSE(pair.teacher.weight.grad().defined());
    // Gradients add up over micro-batches.
    pair.backward(beta, kWeight);
    CHECK(at::allclose(pair.student.weight.grad(), 2.0 * head, 1e-6, 1e-9));
  }
}

TEST_CASE("a frozen head gets no gradient, what is below it does") {
  Pair pair(at::kDouble);
  pair.student.weight.requires_grad_(false);
  pair.backward(1.0, 1.0);
  CHECK_FALSE(pair.student.weight.grad().defined());
  CHECK(pair.student_hidden.grad().abs().max().item<double>() > 0.0);
}

TEST_CASE("equal models are not apart and have no gradient") {
  Pair pair(at::kFloat);
  for (const double beta : kBetas) {
    const auto out =
        token_divergence_backward({pair.student_hidden, pair.student},
                                  {pair.student_hidden, pair.student}, pair.rows, beta, 1.0);
    CHECK(out.divergence.abs().max().item<double>() < 1e-6);
    CHECK(pair.student_hidden.grad().abs().max().item<double>() < 1e-6);
  }
}

TEST_CASE("distributions that are far apart have a finite divergence") {
  const Pair pair(at::kFloat, 40.0);
  for (const double beta : kBetas) {
    const auto out = pair.backward(beta, 1.0);
    CHECK(out.divergence.isfinite().all().item<bool>());
    CHECK(pair.student_hidden.grad().isfinite().all().item<bool>());
  }
}

TEST_CASE("the cut into chunks of tokens leaves divergence and gradient") {
  // So many words that two tokens are a chunk.
  constexpr int64_t kWords = int64_t{1} << 21;
  const auto options = at::TensorOptions().dtype(at::kFloat);
  const auto hidden = at::arange(10, options).sin().view({5, 2}).requires_grad_(true);
  const auto other = at::arange(10, options).cos().view({5, 2});
  policy::Linear head;
  head.weight = at::arange(2 * kWords, options).sin().view({kWords, 2});
  const auto all = at::arange(5, at::kLong);
  const auto whole = token_divergence_backward({hidden, head}, {other, head}, all, 0.5, 1.0);
  const auto gradient = hidden.grad().clone();
  for (int64_t i = 0; i < 5; ++i) {
    const auto one = token_divergence({hidden, head}, {other, head}, all.narrow(0, i, 1), 0.5);
    CHECK(one.divergence.item<double>() ==
          doctest::Approx(whole.divergence[i].item<double>()).epsilon(1e-5));
  }
  at::Tensor(hidden).mutable_grad() = at::Tensor();
  token_divergence_backward({hidden, head}, {other, head}, all.narrow(0, 4, 1), 0.5, 1.0);
  CHECK(at::allclose(hidden.grad()[4], gradient[4], 1e-4, 1e-7));
}
