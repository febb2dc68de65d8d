#include <doctest/doctest.h>

#include "policy/ops.h"
#include "tests/policy/gradients.h"
#include "tests/policy/random_tensor.h"
#include "tests/policy/thread_count.h"

namespace reckon::policy {
namespace {

using tests::bit_equal;
using tests::random_tensor;
using tests::relative_difference;

// An output head over `vocabulary` tokens and hidden states, of which some rows are wanted.
struct Head {
  Head(int64_t vocabulary, int64_t width, int64_t tokens, at::ScalarType type = at::kDouble)
      : hidden(random_tensor({tokens, width}, 1, type).requires_grad_(true)) {
    linear.weight = random_tensor({vocabulary, width}, 2, type, 0.7).requires_grad_(true);
    linear.repack();
    // Every other row, last first, so that rows and results are not in the same order.
    rows = at::arange(tokens - 1, -1, -2, at::kLong);
    targets = (at::arange(rows.numel(), at::kLong) * 7 + 3).remainder(vocabulary);
  }
  TokenLogprobs fast(double temperature) const {
    return token_logprobs(hidden, linear, rows, targets, temperature);
  }
  TokenLogprobs plain(double temperature) const {
    return reference::token_logprobs(hidden, linear, rows, targets, temperature);
  }
  // Loss that weighs log-probabilities and entropies at random; a zero leaves one out.
  static at::Tensor weigh(const TokenLogprobs& result, double logprobs, double entropy) {
    const auto& like = result.logprobs;
    at::Tensor loss = at::zeros({}, like.options());
    if (logprobs != 0) loss = loss + (like * random_tensor(like.sizes(), 5)).sum() * logprobs;
    if (entropy != 0) {
      loss = loss + (result.entropy * random_tensor(like.sizes(), 6)).sum() * entropy;
    }
    return loss;
  }

  at::Tensor hidden, rows, targets;
  Linear linear;
};

TEST_CASE("token_logprobs: values are those of the twin at every temperature") {
  const Head head(41, 13, 18);
  for (const double temperature : {1.0, 0.8, 3.0}) {
    const auto got = head.fast(temperature), want = head.plain(temperature);
    CHECK(relative_difference(got.logprobs, want.logprobs) < 1e-13);
    CHECK(relative_difference(got.entropy, want.entropy) < 1e-13);
    CHECK(bit_equal(got.correct, want.correct));
  }
}

TEST_CASE("token_logprobs: a target is correct if and only if it has the largest logit") {
  Head head(41, 13, 18);
  const auto best = head.hidden.index_select(0, head.rows).matmul(head.linear.weight.t()).argmax(1);
  head.targets = best.clone();
  CHECK(head.fast(0.8).correct.all().item<bool>());
  head.targets = (best + 1).remainder(41);
  CHECK(!head.fast(0.8).correct.any().item<bool>());
}

TEST_CASE("token_logprobs: gradients of both results are those of twin and finite differences") {
  Head head(19, 7, 10);
  const std::vector<at::Tensor> inputs = {head.hidden, head.linear.weight};
  for (const double temperature : {1.0, 0.8}) {
    for (const auto& [logprobs, entropy] : {std::pair{1.0, 0.0}, {0.0, 1.0}, {1.0, -0.3}}) {
      CAPTURE(temperature);
      CAPTURE(entropy);
      const tests::Loss fast = [&, l = logprobs, e = entropy] {
        return Head::weigh(head.fast(temperature), l, e);
      };
      const tests::Loss plain = [&, l = logprobs, e = entropy] {
        return Head::weigh(head.plain(temperature), l, e);
      };
      const auto got = tests::gradients(fast, inputs), want = tests::gradients(plain, inputs);
      for (size_t i = 0; i < inputs.size(); ++i) {
        const auto repack = [&] { head.linear.repack(); };
        CHECK(relative_difference(got[i], want[i]) < 1e-12);
        const auto measured = tests::central_differences(fast, inputs[i], repack);
        CHECK(relative_difference(got[i], measured) < 1e-6);
      }
    }
  }
}

TEST_CASE("token_logprobs: rows that are not wanted have no gradient") {
  const Head head(19, 7, 10);
  const tests::Loss loss = [&] { return Head::weigh(head.fast(1.0), 1.0, 1.0); };
  const auto gradient = tests::gradients(loss, {head.hidden})[0];
  for (int64_t row = 0; row < 10; ++row) {
    CHECK((gradient[row].abs().sum().item<double>() > 0) == (row % 2 == 1));
  }
}

TEST_CASE("token_logprobs: more tokens than one chunk holds, on 1 and 2 threads") {
  // 2^24 logits are one chunk: 20 rows of this vocabulary are two.
  const Head head(1 << 20, 2, 40);
  const tests::Loss loss = [&] { return Head::weigh(head.fast(0.8), 1.0, 0.1); };
  const tests::Loss plain = [&] { return Head::weigh(head.plain(0.8), 1.0, 0.1); };
  const auto got = head.fast(0.8);
  CHECK(relative_difference(got.logprobs, head.plain(0.8).logprobs) < 1e-13);
  const auto gradients = tests::gradients(loss, {head.hidden, head.linear.weight});
  const auto want = tests::gradients(plain, {head.hidden, head.linear.weight});
  CHECK(relative_difference(gradients[0], want[0]) < 1e-12);
  CHECK(relative_difference(gradients[1], want[1]) < 1e-12);
  // LibTorch's products split long sums among threads: gradients agree to rounding only.
  const tests::ThreadCount one(1);
  CHECK(bit_equal(head.fast(0.8).logprobs, got.logprobs));
  const auto single = tests::gradients(loss, {head.hidden, head.linear.weight});
  CHECK(relative_difference(single[0], gradients[0]) < 1e-12);
  CHECK(relative_difference(single[1], gradients[1]) < 1e-12);
}

// Gradients of hidden states and head after `run`, which does a backward pass.
std::vector<at::Tensor> accumulated(Head& head, const std::function<void()>& run) {
  for (at::Tensor* tensor : {&head.hidden, &head.linear.weight}) {
    tensor->mutable_grad() = at::ones_like(tensor->detach());  // gradients are added
  }
  run();
  return {head.hidden.grad().clone(), head.linear.weight.grad().clone()};
}

TEST_CASE("token_logprobs: the fused backward pass adds the gradients of the loss by autograd") {
  for (const int64_t vocabulary : {41, 1 << 20}) {
    for (const double entropy : {0.0, 0.3}) {
      CAPTURE(vocabulary);
      CAPTURE(entropy);
      Head head(vocabulary, 3, 40);
      const auto by_autograd =
          accumulated(head, [&] { Head::weigh(head.fast(0.8), 1.0, entropy).backward(); });
      const auto weights = random_tensor({20}, 5), entropy_weights = random_tensor({20}, 6);
      const TokenLoss loss = [&](int64_t first, const at::Tensor& logprobs, const at::Tensor&) {
        const int64_t count = logprobs.numel();
        return TokenGradients{
            weights.narrow(0, first, count),
            entropy == 0.0 ? at::Tensor() : entropy_weights.narrow(0, first, count) * entropy};
      };
      for (const auto& pass : {token_logprobs_backward, reference::token_logprobs_backward}) {
        TokenLogprobs result;
        const auto fused = accumulated(head, [&] {
          result = pass(head.hidden, head.linear, head.rows, head.targets, 0.8, loss);
        });
        CHECK(relative_difference(fused[0], by_autograd[0]) < 1e-12);
        CHECK(relative_difference(fused[1], by_autograd[1]) < 1e-12);
        CHECK(relative_difference(result.logprobs, head.fast(0.8).logprobs.detach()) < 1e-13);
        CHECK(relative_difference(result.entropy, head.fast(0.8).entropy.detach()) < 1e-12);
      }
    }
  }
}

TEST_CASE("token_logprobs: a token has the same bits alone as among others") {
  const Head head(170, 32, 60, at::kFloat);
  const auto all = head.fast(0.8);
  for (int64_t i = 0; i < head.rows.numel(); ++i) {
    const auto one = token_logprobs(head.hidden, head.linear, head.rows.narrow(0, i, 1),
                                    head.targets.narrow(0, i, 1).clone(), 0.8);
    CHECK(bit_equal(one.logprobs, all.logprobs.narrow(0, i, 1)));
    CHECK(bit_equal(one.entropy, all.entropy.narrow(0, i, 1)));
  }
}

TEST_CASE("token_logprobs: float32 is near float64 and stays finite for a sure distribution") {
  Head head(170, 32, 20, at::kFloat);
  Linear wide;
  wide.weight = head.linear.weight.to(at::kDouble);
  const auto want =
      reference::token_logprobs(head.hidden.to(at::kDouble), wide, head.rows, head.targets, 1.0);
  CHECK(tests::max_difference(head.fast(1.0).logprobs, want.logprobs) < 2e-5);
  CHECK(tests::max_difference(head.fast(1.0).entropy, want.entropy) < 2e-5);

  const auto sure = head.fast(1e-3);
  CHECK(sure.logprobs.isfinite().all().item<bool>());
  CHECK(sure.entropy.abs().max().item<double>() < 0.1);
  const auto gradient = tests::gradients([&] { return (sure.logprobs + sure.entropy).sum(); },
                                         {head.hidden, head.linear.weight});
  CHECK(gradient[0].isfinite().all().item<bool>());
  CHECK(gradient[1].isfinite().all().item<bool>());
}

TEST_CASE("token_logprobs: no rows give no results and no gradient") {
  Head head(19, 7, 10);
  head.rows = at::empty({0}, at::kLong);
  head.targets = at::empty({0}, at::kLong);
  const auto result = head.fast(1.0);
  CHECK(result.logprobs.numel() == 0);
  const tests::Loss loss = [&] { return head.fast(1.0).logprobs.sum(); };
  CHECK(tests::gradients(loss, {head.hidden})[0].abs().max().item<double>() == 0.0);
}

}  // namespace
}  // namespace reckon::policy
